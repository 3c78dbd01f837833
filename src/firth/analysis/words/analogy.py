"""Analogies: king is to man as what is to woman?

``3CosAdd`` looks along king - man + woman (Mikolov, Yih, Zweig 2013, ACL N13-1090); ``3CosMul`` multiplies the
similarities instead, so that no single one of them decides alone (Levy and Goldberg 2014, doi:10.3115/v1/W14-1618).
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np

from firth.analysis.words.neighbours import Neighbour, best, unit_vector
from firth.analysis.words.places import find_all
from firth.encoders.words.vectors import WordVectors
from firth.errors import InputError
from firth.similarity import normalize

__all__ = ["METHODS", "Method", "analogy"]

Method: TypeAlias = Literal["3cosadd", "3cosmul"]
METHODS: tuple[Method, ...] = get_args(Method)
EPSILON = 1e-3
"""Keeps the quotient of 3CosMul finite; Levy and Goldberg's value."""


def analogy(
    vectors: WordVectors,
    word: str,
    minus: str,
    plus: str,
    *,
    k: int = 10,
    method: Method = "3cosmul",
    among: int | None = None,
) -> list[Neighbour]:
    """The words that are to ``plus`` what ``word`` is to ``minus``; the three are left out.

    Args:
        vectors: Where to look.
        word: The word whose counterpart is wanted: king, 國王.
        minus: What it is to: man, 男人.
        plus: What the counterpart is to: woman, 女人.
        k: How many.
        method: ``"3cosadd"``: the cosine with ``word - minus + plus``. ``"3cosmul"``: the product of the similarities
            to ``word`` and ``plus`` by that to ``minus``, each moved to 0..1.
        among: Only the so many most frequent words.

    Raises:
        InputError: There is no such method.
        UnknownNameError: One of the words is not there.

    >>> grid = np.array([[1, 1], [1, -1], [2, 1], [2, -1], [-1, 0]], np.float32)
    >>> few = WordVectors(("男人", "女人", "國王", "女王", "車"), grid)
    >>> analogy(few, "國王", "男人", "女人", k=1)[0].word
    '女王'
    """
    if method not in METHODS:
        raise InputError(f"got method {method!r}; expected one of {', '.join(METHODS)}")
    names = find_all(vectors, (word, minus, plus))
    a, b, c = (unit_vector(vectors, name) for name in names)
    if method == "3cosadd":
        scores = vectors.unit @ normalize(a - b + c)
    else:
        near, far, beside = ((vectors.unit @ vector + 1) / 2 for vector in (a, b, c))
        scores = near * beside / (far + EPSILON)
    return best(vectors, np.asarray(scores), k, without=set(names), among=among)
