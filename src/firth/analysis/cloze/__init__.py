"""The cloze: which words fit into the gap of a sentence (Taylor 1953, doi:10.1177/107769905303000401).

"He grew _ in his garden": a word is known by the company it keeps, so words that keep the same company fit the same
gaps. In reading order: `gap` reads the sentence, `by_vectors` ranks by trained word vectors, `by_encoder` by an encoder
that reads the filled sentence, `company` shows in a corpus what the fitting words have in common.
"""

from firth.analysis.cloze.by_encoder import fill_by_encoder
from firth.analysis.cloze.by_vectors import fill_by_vectors
from firth.analysis.cloze.company import Company, Shared, company
from firth.analysis.cloze.gap import Fill, Gap

__all__ = ["Company", "Fill", "Gap", "Shared", "company", "fill_by_encoder", "fill_by_vectors"]
