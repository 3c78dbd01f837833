"""A small picture of large vectors: the sign of every number after a turn of the space, 1 bit instead of 32.

A scan of the signs is some 25 times shorter than one of the vectors, and finds the candidates that a product of the
vectors themselves then orders. The estimate is that of RaBitQ (Gao and Long 2024, arXiv:2405.12497): with ``c`` the
mean of all vectors, ``r = P(x - c)`` turned by a random rotation ``P``, ``s`` the signs of ``r`` and ``q`` a query,

    x.q  ~  |x - c|^2 / (s.r) * s.P(q - c)  +  (x - c).c  +  c.q

which is right on average over rotations. The query's numbers are rounded to 6 bits, so that a sum over signs is a
count of bits, plane by plane.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from firth.kernel.threads import parts
from firth.types import FloatArray

__all__ = ["SignCodes"]

LANES = 8
PLANES = 6
WORD = 64
AT_ONCE = 16_384
"""Vectors that are turned at once when codes are made."""
BLOCKS_A_THREAD = 2_000

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
        n, d = vectors.shape
        words, blocks = -(-d // WORD), -(-n // LANES)
        scale = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        centre = np.asarray(scale @ vectors / max(1, int(np.count_nonzero(lengths))), np.float32)
        signs = np.zeros((blocks, words, LANES), np.uint64)
        factors = np.zeros(blocks * LANES, np.float32)
        offsets = np.full(blocks * LANES, -np.inf, np.float32)
        for start in range(0, n, AT_ONCE):
            here = slice(start, min(start + AT_ONCE, n))
            some = vectors[here] * scale[here, None] - centre
            turned = _turned(some)
            square = np.einsum("nd,nd->n", some, some)
            along = np.abs(turned).sum(1)
            factors[here] = np.divide(square, along, out=np.zeros_like(square), where=along > 0)
            offsets[here] = np.where(lengths[here] > 0, some @ centre, -np.inf)
            _lay(signs[start // LANES :], turned > 0)
        return SignCodes(centre, signs, factors, offsets)

    def candidates(
        self, query: FloatArray, count: int, *, chosen: npt.NDArray[np.bool_] | None = None
    ) -> npt.NDArray[np.int64]:
        """The places of the vectors that probably have the largest products with a query, in no order.

        Args:
            query: ``(d,)``.
            count: How many, for each thread that scans.
            chosen: ``(n,)`` which vectors may be found; None for all.
        """
        from firth.kernel import _scan  # type: ignore[attr-defined]

        planes, step, half = _planes(query, self.centre)
        mask = None if chosen is None else np.packbits(chosen, bitorder="little")

        def scan(start: int, end: int) -> npt.NDArray[np.int64]:
            places, scores = np.empty(count, np.int64), np.empty(count, np.float32)
            signs = self.signs.reshape(-1)
            found = _scan.scan(
                signs, self.factors, self.offsets, mask, planes, step, half, start, end, places, scores
            )
            return places[:found]

        return np.concatenate(parts(len(self.signs), scan, least=BLOCKS_A_THREAD))

    def estimates(self, query: FloatArray) -> FloatArray:
        """The readable twin of the scan: what the products with a query probably are, ``(ceil(n / 8) * 8,)``."""
        planes, step, half = _planes(query, self.centre)
        weights = np.array([1 << plane for plane in range(PLANES - 1)] + [-(1 << (PLANES - 1))])
        common = self.signs[:, :, :, None] & planes[:, None, :]
        sums = (np.bitwise_count(common) @ weights).sum(1).reshape(-1)
        return np.asarray(self.factors * (sums.astype(np.float32) * step - half) + self.offsets, np.float32)


@cache
def _rotation(width: int) -> FloatArray:
    """A random rotation ``(width, width)``, always the same."""
    turn, scale = np.linalg.qr(np.random.default_rng(0).normal(size=(width, width)))
    return np.asarray(turn * np.sign(np.diag(scale)), np.float32)


def _turned(vectors: FloatArray) -> FloatArray:
    """Vectors ``(n, d)`` turned, in as many numbers as fill whole words."""
    d = vectors.shape[1]
    return np.asarray(vectors @ _rotation(-(-d // WORD) * WORD)[:d])


def _lay(signs: Words, positive: npt.NDArray[np.bool_]) -> None:
    """Bits ``(n, width)`` into blocks of eight vectors; ``n`` is a multiple of eight but in the last block."""
    whole = np.zeros((-(-len(positive) // LANES) * LANES, positive.shape[1] // WORD), np.uint64)
    packed = np.packbits(positive, axis=1, bitorder="little")
    whole[: len(positive)] = np.ascontiguousarray(packed).view("<u8")
    signs[: len(whole) // LANES] = whole.reshape(-1, LANES, whole.shape[1]).transpose(0, 2, 1)


def _planes(query: FloatArray, centre: FloatArray) -> tuple[Words, float, float]:
    """A query as planes of bits ``(words, PLANES)``, what a count is worth, and half the sum of its numbers."""
    turned = _turned((query - centre)[None])[0]
    largest = float(np.abs(turned).max()) or 1.0
    step = largest / ((1 << (PLANES - 1)) - 1)
    rounded = np.rint(turned / step).astype(np.int8)
    bits = (rounded[:, None] >> np.arange(PLANES)) & 1
    packed = np.packbits(bits.T.astype(bool), axis=1, bitorder="little")
    planes = np.ascontiguousarray(np.ascontiguousarray(packed).view("<u8").T)
    return planes, 2 * step, step * float(rounded.sum())
