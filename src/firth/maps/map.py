"""A map: where the items of a collection lie on a page, how far to trust it, and what its regions are about."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from os import PathLike
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from firth.errors import StoreError, UnreadableError
from firth.types import FloatArray

__all__ = ["Faithfulness", "Map", "Region"]

VERSION = 1


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """How much of the space a map keeps, measured on a sample of its items.

    Attributes:
        recall: The share of an item's true ``k`` nearest that are among its ``k`` nearest on the map. By chance,
            k / n; a quarter is usual for a good map of texts.
        trustworthiness: 1 where neighbours on the map are neighbours in truth, less the farther off the false
            ones are in truth (Venna and Kaski 2001, doi:10.1007/3-540-44668-0_68).
        continuity: 1 where true neighbours are neighbours on the map, less the farther off the lost ones are
            there (ibid.).
        k: How many neighbours were compared.
        sample: For how many items.
    """

    recall: float
    trustworthiness: float
    continuity: float
    k: int
    sample: int


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a map where items lie densely.

    Attributes:
        level: 0 the coarsest; every region of a finer level lies within one of the coarser.
        number: Its place among those of its level, the largest first; what `Map.region_of` holds.
        words: What its texts speak of and others do not, the most telling first; none without texts.
        center: The median of its items' positions.
        size: How many items it has.
    """

    level: int
    number: int
    words: tuple[str, ...]
    center: tuple[float, ...]
    size: int

    @property
    def label(self) -> str:
        """Its words as one line."""
        return " · ".join(self.words)


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """The items of a collection in two or three dimensions.

    Attributes:
        ids: The items, n of them.
        positions: ``(n, 2)`` or ``(n, 3)`` float32. Directions and far distances mean nothing, except by PCA.
        method: What laid it out, for example ``"umap"``.
        seed: Where its chance began.
        metric: By which items are near in truth.
        faithfulness: How far to trust it; none where there are too few items to tell.
        graph_recall: The share of true neighbours in the graph that was laid out; 1 where it was exact.
        laid_out: How many items were laid out; the others were placed among them.
        aligned: How many items an earlier map was aligned by; 0 where there was none, or none in common.
        regions: All regions of all levels.
        region_of: ``(levels, n)`` int32: the number of each item's region, level by level.
        vector: The named vector of the collection, if it is known.
    """

    ids: tuple[str, ...]
    positions: FloatArray
    method: str = "umap"
    seed: int = 0
    metric: str = "cosine"
    faithfulness: Faithfulness | None = None
    graph_recall: float = 1.0
    laid_out: int = 0
    aligned: int = 0
    regions: tuple[Region, ...] = ()
    region_of: npt.NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 0), np.int32))
    vector: str = ""

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"Map({len(self)} items, {self.positions.shape[1]}-d, {self.method!r}, {self.faithfulness})"

    @property
    def sampled(self) -> bool:
        """Whether only some items were laid out."""
        return self.laid_out < len(self)

    def save(self, file: str | PathLike[str] | IO[bytes]) -> None:
        """Write the map as one npz: a JSON header and two arrays, no pickle."""
        plain = ("ids", "method", "seed", "metric", "graph_recall", "laid_out", "aligned", "vector")
        header: dict[str, Any] = {"version": VERSION, **{name: getattr(self, name) for name in plain}}
        header["faithfulness"] = asdict(self.faithfulness) if self.faithfulness else None
        header["regions"] = [asdict(region) for region in self.regions]
        text = np.frombuffer(json.dumps(header, ensure_ascii=False).encode(), np.uint8)
        np.savez_compressed(file, header=text, positions=self.positions, region_of=self.region_of)

    @staticmethod
    def load(file: str | PathLike[str] | IO[bytes]) -> Map:
        """Read what `save` wrote.

        Raises:
            UnreadableError: It is no such file, or a damaged one.
            StoreError: It was written by a newer firth.
        """
        try:
            with np.load(file, allow_pickle=False) as arrays:
                header = json.loads(arrays["header"].tobytes())
                positions, region_of = arrays["positions"], arrays["region_of"]
        except FileNotFoundError as error:
            raise UnreadableError(f"no map at {file}. Next: project the collection") from error
        except Exception as error:  # zipfile, zlib, numpy and json each have their own
            raise UnreadableError(
                f"{file} is no map ({error}); expected a file that Map.save wrote"
            ) from error
        if header.pop("version") != VERSION:
            raise StoreError(f"{file} was written by a newer firth. Next: upgrade, or project again")
        told = header.pop("faithfulness")
        regions = tuple(_region(values) for values in header.pop("regions"))
        ids = tuple(header.pop("ids"))
        faithfulness = Faithfulness(**told) if told else None
        return Map(ids, positions, **header, faithfulness=faithfulness, regions=regions, region_of=region_of)


def _region(values: dict[str, Any]) -> Region:
    return Region(**{**values, "words": tuple(values["words"]), "center": tuple(values["center"])})
