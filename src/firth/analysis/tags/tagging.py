"""Readable tags: for every item a score from 0 to 1 for each tag, from all that is known of the item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from firth.analysis.tags.bases import Marks
from firth.analysis.tags.given import Ids, marks_of
from firth.analysis.tags.learning import Learned, learn
from firth.analysis.tags.material import Material, material
from firth.analysis.tags.ranks import Doubles
from firth.analysis.tags.reliability import features, predicted, probabilities, reliability
from firth.analysis.tags.result import Reliability, TagScores
from firth.analysis.tags.saving import save as keep
from firth.analysis.tags.tagged import Given, read_tagged
from firth.analysis.tags.wording import word_scores
from firth.encoders.spaces import MEANING
from firth.errors import InputError
from firth.search.corpus import Corpus

__all__ = ["SHARE", "checked_words", "tags"]

SHARE = 0.1
"""The share of items that is taken to carry a tag where nobody has said."""


def tags(
    corpus: Corpus,
    names: Sequence[str] | Mapping[str, Sequence[str]],
    *,
    examples: Ids | None = None,
    counterexamples: Ids | None = None,
    tagged: Given | None = None,
    where: str | Mapping[str, Any] | None = None,
    vectors: Sequence[str] | None = None,
    share: float | None = None,
    save: bool = False,
    seed: int = 0,
) -> TagScores:
    """Score every item for every tag, by the tags' words, by examples, by what readers have tagged.

    Args:
        corpus: The collection.
        names: The tags; or a dict from each tag to further words for it, in any language.
        examples: Ids of items that carry a tag, by tag. A few help, twenty help much.
        counterexamples: Ids of items that do not carry it.
        tagged: Where readers have tagged items already: the name of a field (a list, or text with commas between), a
            table file of items and tags, or pairs of them. An item tagged with something else does not carry a tag.
        where: Only items that pass.
        vectors: Which named vectors count; by default all: meaning, look, behaviour, your own.
        share: Which share of the items carries a tag, between 0 and 1; by default what `tagged` says, else 0.1.
        save: Keep the scores as fields ``tag:NAME``, to filter and sort by.
        seed: Where chance begins, by which examples are held out.

    Returns:
        The scores, and for each tag its reliability.

    Raises:
        InputError: No tag, an empty one, one twice; no item to score; or neither words nor examples can be used.
        UnknownNameError: An example, a field or a vector is not there.
    """
    words = checked_words(names)
    if share is not None and not 0 < share < 1:
        raise InputError(
            f"got share {share}; expected a number between 0 and 1. Next: 0.1 is a tenth of the items"
        )
    items = material(corpus, where=where, vectors=vectors)
    known = read_tagged(corpus, tagged)
    marks = marks_of(
        items.ids,
        list(words),
        examples=examples or {},
        counterexamples=counterexamples or {},
        tagged=known.tags,
    )
    said = _said(corpus, items, words, marks)
    use = [view.name for view in items.views if vectors is None or view.name in vectors]
    learned = learn(items, said, marks, use=use, seed=seed)
    found = _result(items, said, learned, marks, tags=list(words), share=share)
    found = replace(found, notes=(*known.notes(found.tags, items.ids), *_decided(found, marks, use, share)))
    if save:
        keep(corpus, found)
    return found


def checked_words(names: Sequence[str] | Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The words of each tag: itself, then those it was given.

    >>> checked_words(["奇幻 ", "magic"])
    {'奇幻': ['奇幻'], 'magic': ['magic']}
    >>> checked_words({"奇幻": ["fantasy"]})
    {'奇幻': ['奇幻', 'fantasy']}

    Raises:
        InputError: No tag, an empty one, or one twice.
    """
    if isinstance(names, str):
        raise InputError(f"got the text {names!r}; expected a list of tags. Next: {names.split(',')!r}")
    further = names if isinstance(names, Mapping) else {}
    found: dict[str, list[str]] = {}
    for name in names:
        tag = name.strip()
        if not tag:
            raise InputError(f"got an empty tag among {list(names)}; expected words")
        if tag in found:
            raise InputError(f"got tag {tag!r} twice; expected each once. Next: leave one away")
        found[tag] = [tag, *(word.strip() for word in further.get(name, ()) if word.strip())]
    if not found:
        raise InputError("got no tag; expected one or more. Next: tags(['奇幻', 'adventure'])")
    return found


def _said(corpus: Corpus, items: Material, words: Mapping[str, Sequence[str]], marks: Marks) -> Doubles:
    """What the words say; nothing where the meanings are the user's own vectors and each tag has examples."""
    space = corpus.spaces.get(MEANING)
    if items.meaning is not None and space is not None and space.takes("text"):
        return word_scores(items, space, words)
    if bare := [tag for tag, known in zip(words, marks.positive.T, strict=True) if not known.any()]:
        raise InputError(
            f"these items have no meaning that words can be compared with, and tag {bare[0]!r} has no example. "
            "Next: give examples of it, or tag items that were added with an encoder"
        )
    return np.full((len(items.ids), len(words)), np.nan)


def _result(
    items: Material,
    said: Doubles,
    learned: Learned,
    marks: Marks,
    *,
    tags: Sequence[str],
    share: float | None,
) -> TagScores:
    there = ~np.isnan(learned.scores).any(1)
    trust, shares, columns = {}, {}, []
    for number, tag in enumerate(tags):
        trust[tag] = _trust(said, learned, marks, number)
        shares[tag] = share or _share(marks, number)
        columns.append(probabilities(learned.scores[there, number], trust[tag].auc, shares[tag]))
    ids = np.array(items.ids, object)
    skipped = (*items.skipped, *ids[~there].tolist())
    scores = np.stack(columns, axis=1).astype(np.float32)
    return TagScores(tuple(ids[there].tolist()), tuple(tags), scores, trust, shares, skipped)


def _decided(found: TagScores, marks: Marks, use: Sequence[str], share: float | None) -> list[str]:
    """By what the items were scored, and how many are taken to carry a tag where nobody has said."""
    by = f"scored by {' and '.join(use)}"
    assumed = [tag for tag, count in zip(found.tags, marks.negative.sum(0), strict=True) if not count]
    if share is not None or not assumed:
        return [by]
    carry = "a tag" if len(assumed) == len(found.tags) else f"a tag that was not given, such as {assumed[0]}"
    percent = " or ".join(dict.fromkeys(f"{found.shares[tag]:.0%}" for tag in assumed))
    return [f"{by}; {percent} of the items are taken to carry {carry} (share)"]


def _trust(said: Doubles, learned: Learned, marks: Marks, number: int) -> Reliability:
    silent = np.isnan(said[:, number]).all()
    believed = None if silent else float(predicted(features(learned))[number])
    positive, negative = int(marks.positive[:, number].sum()), int(marks.negative[:, number].sum())
    others = negative if negative >= 2 else len(marks.positive) - positive
    return reliability(believed, learned.areas[number], examples=positive, others=others)


def _share(marks: Marks, number: int) -> float:
    """The share of items that carry a tag among those of which it is known; never all, never none."""
    positive, negative = int(marks.positive[:, number].sum()), int(marks.negative[:, number].sum())
    if negative > positive or negative >= 10:
        return (positive + 1) / (positive + negative + 2)
    return float(max(SHARE, min(0.5, positive / len(marks.positive))))
