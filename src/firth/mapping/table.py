"""A map as a table, for other programs: where items are, and their neighbours in the full space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from firth.maps import Map, Material, nearest_neighbours
from firth.maps.aligning import shared_rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["map_table", "write_map_table"]

AXES = ("x", "y", "z")


def map_table(drawn: Map, found: Material, *, k: int = 15) -> pa.Table:
    """Columns ``id``, ``text``, ``x``, ``y`` (``z``), ``neighbors`` and the region of each level with its label.

    ``neighbors`` is a struct of ``ids``, the rows of the k nearest in this table, and ``distances``, 1 - cosine; this
    is the form that Embedding Atlas reads.

    Args:
        drawn: The map.
        found: Its items.
        k: How many neighbours.
    """
    import pyarrow as pa

    rows = shared_rows(drawn.ids, found.ids)
    near = nearest_neighbours(found.vectors[rows], k)
    ids = pa.array(near.indices.tolist(), pa.list_(pa.int32()))
    distances = pa.array(near.distances.tolist(), pa.list_(pa.float32()))
    columns = {
        "id": pa.array(drawn.ids, pa.string()),
        "text": pa.array([found.texts[row] for row in rows], pa.string()),
        **{axis: pa.array(drawn.positions[:, i]) for i, axis in enumerate(AXES[: drawn.positions.shape[1]])},
        "neighbors": pa.StructArray.from_arrays([ids, distances], ["ids", "distances"]),
    }
    for level, numbers in enumerate(drawn.region_of):
        labels = {region.number: region.label for region in drawn.regions if region.level == level}
        columns[f"region_{level}"] = pa.array(numbers)
        columns[f"region_{level}_label"] = pa.array(
            [labels[number] for number in numbers.tolist()], pa.string()
        )
    return pa.table(columns)


def write_map_table(drawn: Map, found: Material, path: Path, *, k: int = 15) -> None:
    """Write `map_table` as a Parquet file."""
    import pyarrow.parquet as pq

    pq.write_table(map_table(drawn, found, k=k), path)
