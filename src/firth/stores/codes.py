"""A small picture of large vectors: the sign of every number after a turn of the space, 1 bit instead of 32.

A scan of the signs is some 25 times shorter than one of the vectors, and finds the candidates that a product of the
vectors themselves then orders. The estimate is that of RaBitQ (Gao and Long 2024, arXiv:2405.12497): with ``c`` the
mean of all vectors, ``r = P(x - c)`` turned by a random rotation ``P``, ``s`` the signs of ``r`` and ``q`` a query,

    x.q  ~  |x - c|^2 / (s.r) * s.P(q - c)  +  (x - c).c  +  c.q

which is right on average over rotations, and whose error has a spread that is known before anything is compared:
``|x - c|^2 / (s.r) * |q - c| * .6``. So each estimate comes with a score that the product passes once in a thousand
times, and what can be left out is not guessed. The query's numbers are rounded to 3 bits, so that a sum over signs is
a count of bits, plane by plane; their rounding widens the spread by 6 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from firth.kernel.products import BUILT, Candidates, Places, best_of_parts
from firth.types import FloatArray

__all__ = ["WORD", "SignCodes", "Words", "centre_of", "coded", "words_of"]

LANES = 8
PLANES = 3
STEP = 0.65
"""Between two numbers of a query, as a part of their standard deviation: what rounds a normal number to -3..3 best."""
WORD = 64
"""Bits of one."""
AT_ONCE = 16_384
"""Vectors that are turned at once when codes are made."""
BLOCKS_A_THREAD = 4_000
SPREADS = 3.0
"""A product lies so many spreads above its estimate once in a thousand times."""
LOST = 1 - 2 / np.pi
"""The part of a turned vector's square that its signs leave out."""

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class SignCodes:
    """The signs of ``n`` vectors, eight side by side, and what turns a sum of signs into an estimate.

    Attributes:
        centre: ``(d,)`` the mean of the vectors.
        signs: ``(ceil(n / 8), words, 8)`` of uint64.
        factors: ``(ceil(n / 8) * 8,)``; 0 beyond the last vector.
        offsets: The same; minus infinity beyond the last vector, so that none of these is ever found.
    """

    centre: FloatArray
    signs: Words
    factors: FloatArray
    offsets: FloatArray

    @staticmethod
    def of(vectors: FloatArray, lengths: FloatArray) -> SignCodes:
        """Of the directions of vectors ``(n, d)`` with lengths ``(n,)``; takes ``2 n d^2`` operations.

        A vector of length 0 has no direction and is never found.
        """
        centre = centre_of(vectors, lengths)
        parts = (slice(start, start + AT_ONCE) for start in range(0, len(vectors), AT_ONCE))
        codes = (coded(vectors[part], lengths[part], centre) for part in parts)
        return SignCodes.laid(codes, len(vectors), centre)

    @staticmethod
    def laid(codes: Iterable[Words], n: int, centre: FloatArray) -> SignCodes:
        """From what `coded` gives of ``n`` vectors, piece by piece, about one centre."""
        blocks = -(-n // LANES)
        signs = np.zeros((blocks, words_of(len(centre)), LANES), np.uint64)
        factors = np.zeros(blocks * LANES, np.float32)
        offsets = np.full(blocks * LANES, -np.inf, np.float32)
        start = 0
        for piece in codes:
            here = np.arange(start, start + len(piece))
            signs.transpose(0, 2, 1)[here // LANES, here % LANES] = piece[:, :-1]
            factors[here], offsets[here] = np.ascontiguousarray(piece[:, -1]).view("<f4").reshape(-1, 2).T
            start += len(piece)
        return SignCodes(centre, signs, factors, offsets)

    def candidates(
        self,
        queries: FloatArray,
        count: int,
        *,
        chosen: npt.NDArray[np.uint8] | None = None,
        leasts: FloatArray,
    ) -> list[Candidates]:
        """For each query the vectors whose products with it may be the largest, by how large they are at most.

        Args:
            queries: ``(m, d)``; all are asked while the signs are read once.
            count: How many, for each thread that scans.
            chosen: Bits of ``n`` vectors, the lowest of a byte first: which may be found; None for all.
            leasts: ``(m,)`` products above which is looked; minus infinity for all.
        """
        if not BUILT:
            return [
                self._best(query, count, chosen, least)
                for query, least in zip(queries, leasts.tolist(), strict=True)
            ]
        from firth.kernel import _scan  # type: ignore[attr-defined]

        asked = [_question(query, self.centre) for query in queries]
        planes = np.stack([question.planes for question in asked])
        steps = np.array([question.step for question in asked], np.float32)
        halves = np.array([question.half - question.spread for question in asked], np.float32)
        common = np.asarray(queries @ self.centre, np.float32)
        leasts = np.maximum(leasts - common, np.finfo(np.float32).min).astype(np.float32)

        def kernel(
            leasts: FloatArray, places: Places, scores: FloatArray, found: Places, start: int, end: int
        ) -> None:
            codes = (self.signs.reshape(-1), self.factors, self.offsets, chosen)
            _scan.scan(*codes, planes, steps, halves, leasts, places, scores, found, start, end)

        found = best_of_parts(
            len(self.signs), kernel, leasts=leasts, count=count, least=BLOCKS_A_THREAD // len(queries) + 1
        )
        return [
            Candidates(some.places, some.scores + shift, some.rest + float(shift))
            for some, shift in zip(found, common, strict=True)
        ]

    def estimates(self, query: FloatArray) -> FloatArray:
        """The readable twin of the scan: what the products with a query probably are, ``(ceil(n / 8) * 8,)``."""
        question = _question(query, self.centre)
        weights = [1 << plane for plane in range(PLANES - 1)] + [-(1 << (PLANES - 1))]
        sums = np.zeros(len(self.factors), np.int64)
        for weight, plane in zip(weights, question.planes.T, strict=True):
            common = self.signs & plane[:, None]
            sums += weight * np.bitwise_count(common).sum(1, dtype=np.int64).reshape(-1)
        scores = self.factors * (sums.astype(np.float32) * question.step - question.half) + self.offsets
        return np.asarray(scores + query @ self.centre, np.float32)

    def most(self, query: FloatArray) -> FloatArray:
        """What the products with a query hardly ever pass, ``(ceil(n / 8) * 8,)``."""
        return np.asarray(self.estimates(query) + self.factors * _question(query, self.centre).spread)

    def _best(
        self, query: FloatArray, count: int, chosen: npt.NDArray[np.uint8] | None, least: float
    ) -> Candidates:
        """What the scan finds, where there is no kernel."""
        most = self.most(query)
        if chosen is not None:
            most[np.unpackbits(chosen, bitorder="little") == 0] = -np.inf
        places = np.flatnonzero(most > least)
        if len(places) <= count:
            return Candidates(places, most[places], least)
        order = np.argpartition(-most[places], count)
        places, left = places[order[:count]], places[order[count:]]
        return Candidates(places, most[places], float(most[left].max()))


def words_of(d: int) -> int:
    """How many words hold the signs of ``d`` numbers.

    >>> words_of(384), words_of(65)
    (6, 2)
    """
    return -(-d // WORD)


def centre_of(vectors: FloatArray, lengths: FloatArray) -> FloatArray:
    """The mean direction ``(d,)`` of vectors ``(n, d)`` with lengths ``(n,)``."""
    scale = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return np.asarray(scale @ vectors / max(1, int(np.count_nonzero(lengths))), np.float32)


def coded(vectors: FloatArray, lengths: FloatArray, centre: FloatArray) -> Words:
    """What is kept of each vector: its signs, and in a last word its factor and its offset as float32.

    Args:
        vectors: ``(n, d)``.
        lengths: ``(n,)``.
        centre: ``(d,)``, any: the nearer to the vectors, the less do estimates spread.

    Returns:
        ``(n, words + 1)``.
    """
    scale = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    some = vectors * scale[:, None] - centre
    turned = _turned(some)
    square = np.einsum("nd,nd->n", some, some)
    along = np.abs(turned).sum(1)
    numbers = np.empty((len(vectors), 2), "<f4")
    numbers[:, 0] = np.divide(square, along, out=np.zeros_like(square), where=along > 0)
    numbers[:, 1] = np.where(lengths > 0, some @ centre, -np.inf)
    signs = np.packbits(turned > 0, axis=1, bitorder="little")
    return np.hstack([np.ascontiguousarray(signs).view("<u8"), numbers.view("<u8")])


@dataclass(frozen=True)
class _Question:
    """A query in bits.

    Attributes:
        planes: ``(words, PLANES)``.
        step: What a count of bits is worth.
        half: Half the sum of the query's numbers, taken off a sum.
        spread: How far a product may lie above its estimate, in factors of its vector.
    """

    planes: Words
    step: float
    half: float
    spread: float


@cache
def _rotation(width: int) -> FloatArray:
    """A random rotation ``(width, width)``, always the same: codes that are kept on disk depend on it.

    numpy promises that this generator's numbers will not change, and says no such thing of the newer one's.
    """
    turn, scale = np.linalg.qr(np.random.RandomState(0).normal(size=(width, width)))
    return np.asarray(turn * np.sign(np.diag(scale)), np.float32)


def _turned(vectors: FloatArray) -> FloatArray:
    """Vectors ``(n, d)`` turned, in as many numbers as fill whole words."""
    d = vectors.shape[1]
    return np.asarray(vectors @ _rotation(words_of(d) * WORD)[:d])


def _question(query: FloatArray, centre: FloatArray) -> _Question:
    turned = _turned((query - centre)[None])[0]
    most = (1 << (PLANES - 1)) - 1
    step = STEP * float(np.sqrt(np.mean(turned**2))) or 1.0
    rounded = np.clip(np.rint(turned / step), -most, most)
    along = float(turned @ rounded)
    step = (
        float(turned @ turned) / along if along else step
    )  # what rounding takes from the query's length is given back
    bits = (rounded.astype(np.int8)[:, None] >> np.arange(PLANES)) & 1
    packed = np.packbits(bits.T.astype(bool), axis=1, bitorder="little")
    planes = np.ascontiguousarray(np.ascontiguousarray(packed).view("<u8").T)
    rest = turned - step * rounded
    square = LOST * float(turned @ turned) + float(rest @ rest)  # of signs, and of rounding
    return _Question(planes, 2 * step, step * float(rounded.sum()), SPREADS * square**0.5)
