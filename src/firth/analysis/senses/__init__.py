"""The senses of a word, told apart by its contexts.

"She took her bat to baseball practice", "chased away from the cave by a bat": the same word, two vectors. In reading
order: `occurrences` gathers a word's lines, `grouping` sorts their vectors and says how many groups there are,
`inducing` makes senses of them, `same` compares a word in two sentences.
"""

from firth.analysis.senses.inducing import Sense, Senses, senses
from firth.analysis.senses.occurrences import Occurrence, occurrences
from firth.analysis.senses.same import SameSense, same_sense

__all__ = ["Occurrence", "SameSense", "Sense", "Senses", "occurrences", "same_sense", "senses"]
