"""Tags by their words alone: how near each item's meaning lies to what the tag says.

The words go into a few templates in English and Chinese, Chinese in both scripts (Radford et al. 2021,
arXiv:2103.00020, section 3.1.4; see `firth.analysis.labels`). What all words have in common is taken off: the mean
direction of a contrast set, which names everyday topics in both languages. What all items have in common is taken off
likewise. The cosines that are left are put into standard deviations over the items that are of one modality, for words
lie nearer to texts than to pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

import numpy as np

from firth.analysis.labels import TEMPLATES, label_vectors
from firth.analysis.tags.bases import Bools, standard
from firth.analysis.tags.material import Material, Modality
from firth.analysis.tags.ranks import Doubles
from firth.encoders.base import Encoder
from firth.encoders.spaces import Space
from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["contrast_topics", "pole_scores", "word_scores"]

FEWEST = 10
"""Items of a modality that make a scale of their own; fewer share that of all."""


def word_scores(material: Material, space: Space, words: Mapping[str, Sequence[str]]) -> Doubles:
    """Score items by the words of each tag.

    Args:
        material: Items with a meaning.
        space: The meaning's.
        words: The words of each tag.

    Returns:
        ``(n, t)`` in standard deviations above the mean; NaN where an item has no meaning.
    """
    view = material.meaning
    assert view is not None  # noqa: S101 - the caller has looked
    scores = np.full((len(material.ids), len(words)), np.nan)
    kinds = material.modality[view.rows]
    for modality in TEMPLATES:
        chosen = kinds == modality
        if chosen.any():
            alike = chosen if chosen.sum() >= FEWEST else np.ones(len(kinds), bool)
            part = _scored(view.vectors, alike, space.encoder("text"), words, modality)
            scores[view.rows[chosen]] = part[chosen]
    return scores


def pole_scores(
    material: Material, space: Space, low: Sequence[str], high: Sequence[str]
) -> tuple[Doubles, float]:
    """How far items lie from the words of one pole towards those of another.

    Returns:
        ``(n,)`` in standard deviations from the mean, NaN where an item has no meaning; and the correlation over items
        between one phrasing of the poles and another.
    """
    view = material.meaning
    assert view is not None  # noqa: S101 - the caller has looked
    places, agreement = np.full((len(material.ids), 1), np.nan), 0.0
    kinds, encoder = material.modality[view.rows], space.encoder("text")
    for modality in TEMPLATES:
        chosen = kinds == modality
        if chosen.any():
            ways = _phrasings(encoder, high, modality) - _phrasings(encoder, low, modality)
            places[view.rows[chosen], 0] = view.vectors[chosen] @ ways.mean(0)
            places[view.rows[chosen]] = standard(places[view.rows[chosen]])
            agreement += float(chosen.mean()) * _agreement(view.vectors[chosen] @ normalize(ways).T)
    return places.ravel(), agreement


def contrast_topics() -> list[tuple[str, str]]:
    """Everyday topics that tags stand out from, each in English and Chinese.

    >>> contrast_topics()[0]
    ('animals', '動物')
    """
    lines = resources.files("firth.analysis.tags").joinpath("contrast.txt").read_text("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return [(english, chinese) for english, chinese in pairs]


def _scored(
    vectors: FloatArray,
    alike: Bools,
    encoder: Encoder,
    words: Mapping[str, Sequence[str]],
    modality: Modality,
) -> Doubles:
    """Scores ``(n, t)`` by the words in the templates of a modality, on the scale of those items that are alike."""
    every = label_vectors(encoder, [word for some in words.values() for word in some], TEMPLATES[modality])
    ends = np.cumsum([len(some) for some in words.values()])
    means = np.stack([part.mean(0) for part in np.split(every, ends[:-1])])
    tags = normalize(means - _contrast(encoder, modality).mean(0))
    cosines = normalize(vectors - vectors[alike].mean(0)) @ tags.T
    return np.asarray((cosines - cosines[alike].mean(0)) / (cosines[alike].std(0) + 1e-9), np.float64)


def _agreement(cosines: FloatArray) -> float:
    """The mean correlation between the columns of ``(n, p)``: between one phrasing and another."""
    if len(cosines) < 2 or not cosines.std(0).all():
        return 0.0
    table = np.asarray(np.corrcoef(cosines.T))
    return float(table[np.triu_indices(len(table), 1)].mean())


def _phrasings(encoder: Encoder, words: Sequence[str], modality: Modality) -> FloatArray:
    """The words in every template, ``(p, d)``: the mean over the words, of unit length."""
    return normalize(
        np.stack([label_vectors(encoder, words, [template]).mean(0) for template in TEMPLATES[modality]])
    )


@cache
def _contrast(encoder: Encoder, modality: Modality) -> FloatArray:
    """The everyday topics in the templates, ``(c, d)`` of unit length; encoded once a process."""
    return label_vectors(
        encoder, [topic for pair in contrast_topics() for topic in pair], TEMPLATES[modality]
    )
