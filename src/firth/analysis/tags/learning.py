"""Scores from several views: of the words, of what they point at in every space, of examples.

Words point at some items, with much noise; what readers did, or how pictures look, says which items belong together.
So in every view the items that the words point at are averaged, each by how clearly it is pointed at, and with them the
items that are known to carry the tag. The noise of the words knows nothing of the other view and averages out: with
titles and authors of 10,000 books, what readers put on their shelves together lifts the AUC of English words from 0.72
to 0.79 (benchmarks/tags.py). The meaning learns in turn from what the other views found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from firth.analysis.tags.bases import WORDS_COUNT, Basis, Bools, Marks, clearly, standard, worth_of_words
from firth.analysis.tags.material import Material
from firth.analysis.tags.ranks import Doubles, auc, separation
from firth.encoders.spaces import MEANING

__all__ = ["Learned", "learn"]

WORDS = "words"
WORTH = {WORDS: 0.3, MEANING: 0.5}
"""What the words count, and the meaning once it has learned; any other view counts at most 1."""
FULL_ECHO = 0.3
"""From this correlation on, between the words and what another view makes of them, that view counts in full."""
LEAST = 0.01
"""So much it counts even without an echo: it may be all that there is."""
TOP = 0.01
FEWEST_TOP = 10
"""The items that the words point at most: this share of all, and at least so many."""
FOLDS = 10
HALVING = 0
"""The seed by which items are halved: not even and odd ones, for what lies in turns would be parted."""


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What was learned.

    Attributes:
        scores: ``(n, t)`` in standard deviations; NaN where an item has nothing to be scored by.
        echo: ``(t,)``: how high, in standard deviations, those items that the words point at most stand in another
            view, taught by the words on other items; the highest of the other views, NaN where there is none.
        areas: Of each tag the AUC of examples that were held out; None where it has no two.
    """

    scores: Doubles
    echo: Doubles
    areas: tuple[float | None, ...]


def learn(material: Material, words: Doubles, marks: Marks, *, use: Sequence[str], seed: int = 0) -> Learned:
    """Score items by words and examples.

    Args:
        material: The items.
        words: ``(n, t)``: what the words say, in standard deviations; NaN where they say nothing.
        marks: The examples.
        use: The names of the vectors that count.
        seed: Where chance begins, by which examples are held out.
    """
    bases = [Basis.of(view) for view in material.views if view.name in use]
    learner = _Learner(words, bases, words_count=MEANING in use)
    worth = learner.worth()
    areas: tuple[float | None, ...] = (None,) * words.shape[1]
    if (marks.positive.sum(0) >= 2).any():
        held_out = learner.held_out(marks, worth, np.random.default_rng(seed))
        worth = _worth_by(worth, marks, {name: _areas(s, marks) for name, s in held_out.items()})
        areas = _areas(_combined(held_out, worth), marks)
    scores = _combined(learner.views(marks, worth), worth)
    return Learned(scores, learner.echo(), areas)


class _Learner:
    """Scores in every view, for one set of words."""

    def __init__(self, words: Doubles, bases: Sequence[Basis], *, words_count: bool) -> None:
        self._words = words
        self._count = len(words)
        self._others = [basis for basis in bases if basis.name != MEANING]
        self._meaning = next((basis for basis in bases if basis.name == MEANING), None)
        self._words_count = words_count
        self._said = {basis.name: self._told(basis) for basis in self._others}

    def worth(self) -> dict[str, Doubles]:
        """What each view counts for each tag, ``(t,)``, as far as the words tell."""
        ones = np.ones(self._words.shape[1])
        known = {WORDS: WORTH[WORDS] * ones} if self._words_count else {}
        if self._meaning is not None:
            known[MEANING] = WORTH[MEANING] * ones
        silent = np.isnan(self._words).all(0)
        alike = {name: _correlation(self._words, said) for name, said in self._said.items()}
        echoed = {name: np.clip(echo / FULL_ECHO, LEAST, 1) for name, echo in alike.items()}
        return known | {name: np.where(silent, 1.0, share) for name, share in echoed.items()}

    def echo(self) -> Doubles:
        """See `Learned.echo`."""
        heights = [_height(self._words, said) for said in self._said.values()]
        return np.asarray(np.max(heights, axis=0) if heights else np.full(self._words.shape[1], np.nan))

    def views(self, marks: Marks, worth: Mapping[str, Doubles]) -> dict[str, Doubles]:
        """The scores ``(n, t)`` of every view; the meaning learns from all others."""
        found = {WORDS: self._words} if self._words_count else {}
        seeds = clearly(self._words)
        trusted = worth_of_words(self._words, marks)
        for basis in self._others:
            found[basis.name] = basis.scores(basis.means(seeds, marks, trusted), self._count)
        if self._meaning is not None:
            taught = clearly(standard(_combined(found, worth)))
            found[MEANING] = self._meaning.scores(self._meaning.means(taught, marks, trusted), self._count)
        return found

    def held_out(
        self, marks: Marks, worth: Mapping[str, Doubles], rng: np.random.Generator
    ) -> dict[str, Doubles]:
        """The same, but what is known of an item is used only where others are scored: a tenth at a time is hidden.

        Items of which nothing is known get the mean of their scores.
        """
        fold = rng.permutation(self._count) % FOLDS
        for column in marks.positive.T:  # few examples are spread over the folds
            rows = rng.permutation(np.flatnonzero(column))
            fold[rows] = np.arange(len(rows)) % FOLDS
        total: dict[str, Doubles] = {}
        for number in range(FOLDS):
            hidden = fold == number
            share = np.where(marks.positive | marks.negative, hidden[:, None], 1 / FOLDS)
            for name, scores in self.views(marks.without(hidden), worth).items():
                total[name] = total.get(name, 0.0) + share * scores
        return total

    def _told(self, basis: Basis) -> Doubles:
        """What a view says of items, ``(n, t)``, taught by the words on the other half of the items."""
        seeds, none = clearly(self._words), np.zeros(self._words.shape, bool)
        ones = np.ones(self._words.shape[1])
        half = np.random.default_rng(HALVING).permutation(self._count) % 2 == 0
        said = np.full(self._words.shape, np.nan)
        for side in (half, ~half):
            means = basis.means(np.where(side[:, None], 0, seeds), Marks(none, none), ones)
            said[side] = basis.scores(means, self._count)[side]
        return said


def _correlation(words: Doubles, said: Doubles) -> Doubles:
    """Of each column ``(t,)``, over the items that have both."""
    both = np.isnan(words) | np.isnan(said)
    products = standard(np.where(both, np.nan, words)) * standard(np.where(both, np.nan, said))
    return np.asarray(np.where(both, 0, products).sum(0) / np.maximum((~both).sum(0), 1))


def _height(words: Doubles, said: Doubles) -> Doubles:
    """The mean ``(t,)`` of what was said of the items that the words point at most."""
    there = ~(np.isnan(words) | np.isnan(said)).any(1)
    words, said = words[there], standard(said[there])
    count = min(len(words), max(FEWEST_TOP, round(len(words) * TOP)))
    best = np.argsort(-words, axis=0)[:count]
    return np.asarray(np.take_along_axis(said, best, axis=0).mean(0) if count else said.sum(0))


def _combined(views: Mapping[str, Doubles], worth: Mapping[str, Doubles]) -> Doubles:
    """The weighted mean of views over those that an item has; NaN where it has none."""
    first = next(iter(views.values()))
    total, weight = np.zeros(first.shape), np.zeros(first.shape)
    for name, scores in views.items():
        there = ~np.isnan(scores)
        total += np.where(there, scores, 0) * worth[name]
        weight += there * worth[name]
    return np.asarray(np.where(weight > 0, total / np.where(weight > 0, weight, 1), np.nan))


def _worth_by(
    worth: Mapping[str, Doubles], marks: Marks, areas: Mapping[str, Sequence[float | None]]
) -> dict[str, Doubles]:
    """What views count once examples tell how well each one parts them; the words fade as examples come."""
    count = marks.positive.sum(0)
    share = count / (WORDS_COUNT + count)
    found = {}
    for name, before in worth.items():
        most = {WORDS: 0.0, MEANING: WORTH[MEANING]}.get(name, 1.0)
        told = [0.0 if area is None else separation(area) for area in areas[name]]
        seen = most * np.clip(told, 0, 1)
        found[name] = np.where(count >= 2, (1 - share) * before + share * seen, before)
    return found


def _areas(scores: Doubles, marks: Marks) -> tuple[float | None, ...]:
    """The AUC of every tag with two examples or more, against what is known not to carry it, else against the rest."""
    return tuple(
        _area(scores[:, tag], marks.positive[:, tag], marks.negative[:, tag])
        for tag in range(scores.shape[1])
    )


def _area(scores: Doubles, positive: Bools, negative: Bools) -> float | None:
    against = negative if negative.sum() >= 2 else ~positive
    chosen = (positive | against) & ~np.isnan(scores)
    if positive[chosen].sum() < 2 or positive[chosen].all():
        return None
    return auc(scores[chosen], positive[chosen])
