"""What every stage needs to treat Chinese right, beside English.

Folding makes Traditional equal to Simplified for matching; terms feed full text search; sentences and
passages cut long texts; snippets, widths and the guess at the script serve the display. Nothing here
changes what a user sees: offsets always lead back to the original.

>>> from firth.text import fold, snippet, terms
>>> fold("蘋果") == fold("苹果"), terms("Apples") == terms("apple")
(True, True)
>>> snippet("An apple a day. 一天一蘋果。", "苹果").highlights
(Span(start=19, end=21),)
"""

from firth.text.fold import Folded, fold, fold_offsets
from firth.text.language import script
from firth.text.passages import Measure, characters, passages
from firth.text.sentences import Span, sentences
from firth.text.snippets import Snippet, snippet
from firth.text.terms import query_terms, terms
from firth.text.width import clip, display_width, pad, printable

__all__ = [
    "Folded",
    "Measure",
    "Snippet",
    "Span",
    "characters",
    "clip",
    "display_width",
    "fold",
    "fold_offsets",
    "pad",
    "passages",
    "printable",
    "query_terms",
    "script",
    "sentences",
    "snippet",
    "terms",
]
