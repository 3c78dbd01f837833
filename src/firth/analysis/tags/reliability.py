"""How far to trust a tag: the AUC of held-out examples, or what the behaviour of its words predicts, or both.

Without examples the AUC is predicted, by a line fitted to tags of which readers and editors have said where they belong
(benchmarks/tag_reliability.py, which also tests it on kinds of content that it was not fitted to), from what can be
seen without any truth. A tag that is there makes some items stand out, so that the scores have a long tail to the
right; and the items that the words point at most stand high in another view that was taught on other items (two views
that agree though they err independently cannot both be wrong: Blum and Mitchell 1998, doi:10.1145/279943.279962).
Whether phrasings of a tag agree says nothing of whether they are right: its correlation with the separation is 0.06
over 78 tags of books in two languages and two encoders, that of the echo 0.57.

What is given is the mean of what the AUC may be, not the AUC of the mean separation, which is higher.

With examples the prediction is what is believed before, the held-out AUC is what is seen, and each weighs by its
precision. The interval of a held-out AUC is that of Hanley and McNeil (1982, doi:10.1148/radiology.143.1.7063747).
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from firth.analysis.tags.bases import standard
from firth.analysis.tags.learning import Learned
from firth.analysis.tags.ranks import Doubles, auc_of_separation, gaussian_ranks, separation
from firth.analysis.tags.result import Reliability

__all__ = ["expected_auc", "features", "predicted", "probabilities", "reliability"]

LINE = (0.464, 0.943, 0.445)
"""The intercept, and what each of `features` counts, for the separation in standard deviations."""
ERROR = 0.62
"""How far the line is off on kinds of content that it was not fitted to, a root mean square and a tenth."""
MOST = 2.5
"""The largest separation that is predicted, an AUC of 0.96: what lies above it no line can tell apart."""
NINE_OF_TEN = 1.645
SMOOTHING = 2.0
"""Examples that count as half right for the width of the interval, so that two that are right are no certainty."""
LEAST = 0.05
"""The separation that scores are given at least, so that their order stays."""


def features(learned: Learned) -> Doubles:
    """What the AUC is predicted from, ``(t, 2)``: the tail of the scores, and the echo; each as its logarithm."""
    echo = np.maximum(np.nan_to_num(learned.echo), 0.0)
    skew = _skewness(learned.scores)
    return np.stack([np.sign(skew) * np.log1p(np.abs(skew)), np.log1p(echo)], axis=1)


def predicted(values: Doubles) -> Doubles:
    """The separation ``(t,)`` that is predicted from features ``(t, 2)``."""
    return np.asarray(np.clip(LINE[0] + values @ np.array(LINE[1:]), 0.0, MOST))


def reliability(
    believed: float | None, area: float | None, *, examples: int = 0, others: int = 0
) -> Reliability:
    """What is believed and what was seen, together.

    Args:
        believed: The separation that the words make likely; None where there are no words.
        area: The AUC of examples that were held out, if there are.
        examples: How many these are.
        others: How many items they were told from.

    >>> print(reliability(None, 0.9, examples=50, others=5000))
    AUC 0.90 (0.85 to 0.94), from 50 examples
    >>> print(reliability(None, None))
    cannot tell: AUC 0.50 (0.00 to 1.00), predicted
    """
    precision, mean = (0.0, 0.0) if believed is None else (ERROR**-2, believed * ERROR**-2)
    if area is not None:
        seen, variance = _seen(area, examples, others)
        precision, mean = precision + 1 / variance, mean + seen / variance
    if not precision:
        return Reliability(0.5, 0.0, 1.0)
    center, reach = mean / precision, NINE_OF_TEN * precision**-0.5
    low, high = auc_of_separation(center - reach), auc_of_separation(center + reach)
    return Reliability(expected_auc(center, 1 / precision), low, high, examples if area is not None else 0)


def expected_auc(separation: float, variance: float) -> float:
    """The mean of the AUC where the separation is only known up to a variance: nearer to 0.5 than that of the mean.

    For the AUC grows ever slower: 0.82 with certainty, but 0.80 in the mean of tags that are 0.7 better or worse.

    >>> round(expected_auc(1.3, 0.0), 3), round(expected_auc(1.3, 0.49), 3)
    (0.821, 0.795)
    """
    return auc_of_separation(separation / (1 + variance / 2) ** 0.5)


def probabilities(scores: Doubles, area: float, share: float) -> Doubles:
    """The probability ``(n,)`` of carrying a tag, by scores of this AUC if a share of the items does.

    Ranks make the scores a normal distribution; what carries the tag and what does not are taken to be normal,
    as far apart as the AUC says.

    >>> probabilities(np.arange(5.0), 0.95, 0.2).round(2).tolist()
    [0.0, 0.01, 0.05, 0.16, 0.52]
    >>> probabilities(np.arange(5.0), 0.55, 0.2).round(2).tolist()
    [0.17, 0.19, 0.2, 0.21, 0.23]
    """
    apart = max(separation(area), LEAST)
    place = gaussian_ranks(scores) * (1 + share * (1 - share) * apart**2) ** 0.5 + share * apart
    odds = np.log(share / (1 - share)) + apart * place - apart**2 / 2
    return np.asarray(1 / (1 + np.exp(-odds)))


def _skewness(scores: Doubles) -> Doubles:
    """The third standardised moment of each column, NaN passed over."""
    there = ~np.isnan(scores)
    cubes = np.where(there, standard(scores), 0) ** 3
    return np.asarray(cubes.sum(0) / np.maximum(there.sum(0), 1))


def _seen(area: float, examples: int, others: int) -> tuple[float, float]:
    """The separation of held-out examples, and the variance of it."""
    seen = separation(
        min(area, 1 - 1 / (2 * examples + 2))
    )  # that all are right is no proof that all will be
    area = (examples * area + SMOOTHING / 2) / (examples + SMOOTHING)
    both, neither = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (examples - 1) * (both - area**2) + (others - 1) * (neither - area**2)
    normal = NormalDist()
    slope = 2**0.5 / normal.pdf(normal.inv_cdf(area))
    return seen, slope**2 * variance / (examples * max(others, 1))
