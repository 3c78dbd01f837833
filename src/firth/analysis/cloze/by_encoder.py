"""The gap filled by an encoder that reads the sentence: does the word belong where something is missing?

In place of the word a stand-in is read ("it", "thing", 什麼), whose vector in that sentence holds what the sentence
says of the missing thing. A candidate fits by the cosine of that vector with its own, alone and in the sentence, each
compared with what is usual. Whole sentences tell less: their vectors hardly move when one word changes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from firth.analysis.cloze.gap import Fill, Gap, checked_candidates
from firth.analysis.words.contextual import STAND_INS, alone, context_encoder, in_context, is_chinese, usual
from firth.encoders.base import Encoder
from firth.similarity import cosine

__all__ = ["fill_by_encoder"]


def fill_by_encoder(
    gap: Gap | str, candidates: Sequence[str], *, encoder: str | Encoder | None = None
) -> list[Fill]:
    """Candidates by how well they fit, the best first; all come back.

    Args:
        gap: The sentence, or its text with an underscore for the gap; Chinese and English.
        candidates: Words, also such as no corpus holds.
        encoder: One with vectors of tokens; by default ``"e5-small"``.

    Raises:
        InputError: No gap, no candidates, or an encoder without vectors of tokens.
    """
    gap = Gap.of(gap) if isinstance(gap, str) else gap
    names, reader = checked_candidates(candidates), context_encoder(encoder)
    chinese = is_chinese(gap.before + gap.after)
    normal = usual(reader, chinese=chinese)
    stand_ins = STAND_INS[chinese]
    filled = in_context(
        reader,
        [gap.fill(word) for word in (*stand_ins, *names)],
        [gap.place(word) for word in (*stand_ins, *names)],
    )
    missing = normal.stand_in.standardise(filled[: len(stand_ins)]).mean(0)
    scores = cosine(normal.within.standardise(filled[len(stand_ins) :]), missing)
    scores = (scores + cosine(normal.alone.standardise(alone(reader, names)), missing)) / 2
    return [Fill(names[i], float(scores[i])) for i in np.argsort(-scores, kind="stable")]
