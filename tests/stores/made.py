"""Rows that the tests of stores write."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def rows(ids, *, parts: int = 1, d: int = 8, seed: int = 0, **columns) -> pa.Table:
    """Whole items of some parts each, with words, a field and a vector ``m``; further columns as given."""
    keys = [(id, part) for id in ids for part in range(parts)]
    vectors = np.random.default_rng(seed).normal(size=(len(keys), d)).astype(np.float32)
    return pa.table(
        {
            "id": [id for id, _ in keys],
            "part": pa.array([part for _, part in keys], pa.int32()),
            "terms": [f"魔法 {id}" if part == 0 else None for id, part in keys],
            "f_seed": [seed] * len(keys),
            "v_m": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), d),
            **columns,
        }
    )
