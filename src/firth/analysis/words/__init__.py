"""Asking word vectors: which words are near, what is to one word as a second to a third, which does not belong.

In reading order: `places` finds a word in the vocabulary, `neighbours` what lies near it, `comparing` words with each
other, `analogy` relations, `one_hot` what none of this can be asked of.
"""

from firth.analysis.words.analogy import Method, analogy
from firth.analysis.words.comparing import odd_one_out, similarity
from firth.analysis.words.neighbours import Neighbour, neighbours
from firth.analysis.words.one_hot import OneHotComparison, compare_with_one_hot
from firth.analysis.words.places import find

__all__ = [
    "Method",
    "Neighbour",
    "OneHotComparison",
    "analogy",
    "compare_with_one_hot",
    "find",
    "neighbours",
    "odd_one_out",
    "similarity",
]
