"""What a person holds: a collection of items, to add to, to search and to look at.

A thin face over the rooms: every method checks little, calls one room, and loads that room when it is called.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from firth.errors import InputError
from firth.places import shown
from firth.similarity import Metric
from firth.types import AddReport, Item, Pair

if TYPE_CHECKING:
    import PIL.Image

    from firth.analysis.labels import Labelled
    from firth.data import Limits
    from firth.distributed import Cluster
    from firth.ingest import Listener
    from firth.moving import CopyReport
    from firth.search import Corpus, Hits, Mode
    from firth.stores import Store

__all__ = ["Collection"]

Where: TypeAlias = str | Mapping[str, Any] | None


class Collection:
    """Items with the user's own ids, each with one or more named vectors.

    Args:
        location: A folder, ``":memory:"``, or the address of another store.
        model: The text encoder of a new collection; for one that has its encoder already, a check.
    """

    def __init__(self, location: str, *, model: str | None = None) -> None:
        self.location = location
        self._model = model
        self._opened: Store | None = None
        self._corpus_at: tuple[int, Corpus] | None = None

    # what it is

    @property
    def store(self) -> Store:
        """The store behind it."""
        if self._opened is None:
            from firth.stores import open_store

            store = open_store(self.location)
            if self._model is not None:
                from firth.notes import check_model

                check_model(store, self._model)
            self._opened = store
        return self._opened

    def exists(self) -> bool:
        """Whether anything was ever added; opening a collection makes nothing."""
        return bool(self.store.read_meta())

    def __len__(self) -> int:
        return self.store.count()

    def __repr__(self) -> str:
        return f"Collection({shown(self.location)!r}, {len(self):,} items)"

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and bool(self.get([id]))

    def status(self) -> dict[str, Any]:
        """What it holds: items by kind, fields with their types, vectors with their encoders, size and place."""
        from firth.listing import overview

        return {"location": shown(self.location), **overview(self._corpus())}

    # putting in and taking out

    def add(
        self,
        source: Any,
        *,
        id: str | None = None,
        text: str | Sequence[str] = (),
        image: str | None = None,
        vectors: Mapping[str, str] | None = None,
        ids: Sequence[str] | None = None,
        prune: bool = False,
        limits: Limits | None = None,
        listener: Listener | None = None,
        ray: Cluster | str | bool = False,
    ) -> AddReport:
        """Add anything: a file, a folder, a table, texts, pictures, vectors, items.

        What is there already with the same content is not encoded again. A batch is written when it is encoded,
        so what was added before an interruption stays, and the same call goes on from there. What `export` wrote
        to ``.parquet`` is taken as it is, vectors and all, unless columns are named.

        Args:
            source: A path, a list of texts, PIL images, dicts or `Item`, a DataFrame or Arrow table, an array
                ``(n, d)``, an open text stream of lines. See `firth.data.read`.
            id: A table's column of ids; without it a column ``id``, else the row's number.
            text: A table's columns that are read, in order; without it a guess, which the report tells.
            image: A table's column of picture paths.
            vectors: Columns of numbers that are vectors, by the name they shall have.
            ids: One id for each text, picture or row of an array.
            prune: Remove items that came from this source before and are no longer in it.
            limits: How large files and pictures may be.
            listener: Is told what became of items, batch by batch.
            ray: Encode by many processes, to the same result: a Ray cluster's address; True for that of
                ``$RAY_ADDRESS``, else this machine's cores; or a `firth.distributed.Cluster`.

        Returns:
            What was added, updated, unchanged and skipped, and why.

        Raises:
            SchemaError: The table has no such column.
            InputError: The source is of no kind that can be added.
            MissingExtraError: Ray is wanted and not installed.
        """
        from firth.data import Columns, guessed_columns, read
        from firth.data import Limits as DataLimits
        from firth.distributed import encoding
        from firth.ingest import add
        from firth.moving import is_export, restore
        from firth.notes import calibrate_if_grown, prepare

        if not (id or text or image or vectors or ids) and is_export(source):
            self._corpus_at = None
            return restore(self.store, source, model=self._model, prune=prune, listener=listener)
        columns = Columns(id, (text,) if isinstance(text, str) else tuple(text), image, vectors or {})
        limits = limits or DataLimits()
        stream = read(source, columns=columns, limits=limits, ids=ids)
        path = None
        if isinstance(source, str | Path):
            path = os.path.abspath(Path(source).expanduser())  # noqa: PTH100 - as `read` does, which keeps links
        if prune and path is None:
            raise InputError("prune=True removes what vanished from files; got something in memory")
        store = self.store
        spaces = prepare(store, self._model, {*columns.vectors, *_names_of_vectors(source)})
        with encoding(ray, spaces, limits=limits) as work:
            report = add(
                store, stream, spaces, limits=limits, source=path, prune=prune, listener=listener, encode=work
            )
        if report.added or report.updated or report.pruned:
            store.optimize()
        # also when all is unchanged: an earlier run may have been killed before it
        calibrate_if_grown(store)
        self._corpus_at = None
        guessed = guessed_columns(source, columns)
        return replace(report, notes=(*report.notes, guessed)) if guessed else report

    def remove(self, ids: str | Sequence[str] = (), *, where: Where = None) -> int:
        """Remove items by their ids, or all that pass a filter; returns how many were there."""
        if where is not None and ids:
            raise InputError("got ids and a filter; expected one of the two")
        found = ids if where is None else [record["id"] for record in self.items(where=where)]
        return self.store.delete([found] if isinstance(found, str) else list(found))

    def get(self, ids: str | Sequence[str], *, vectors: bool = False) -> list[dict[str, Any]]:
        """Items as dicts, in the order asked for; those that are not there are left out."""
        from firth.listing import records

        wanted = [ids] if isinstance(ids, str) else list(ids)
        found = {record["id"]: record for record in records(self._corpus(), ids=wanted, vectors=vectors)}
        return [found[id] for id in wanted if id in found]

    def items(self, *, where: Where = None, vectors: bool = False) -> Iterator[dict[str, Any]]:
        """All items as dicts, or those that pass a filter, in no promised order."""
        from firth.listing import records

        return records(self._corpus(), where=where, vectors=vectors)

    def vectors(self, name: str = "meaning") -> tuple[list[str], Any]:
        """The ids ``n`` and the matrix ``(n, d)`` of one named vector, of items that have it."""
        from firth.listing import matrix

        return matrix(self._corpus(), name)

    def export(self, path: str | Path, *, vectors: bool = True, where: Where = None) -> int:
        """Write items to ``.parquet``, which `add` takes back as they were, ``.jsonl`` or ``.npy``; returns how many.

        What each kind of file holds, and what ``.jsonl`` leaves out, is said at `firth.moving.export`.
        """
        from firth.moving import export

        return export(self._corpus(), Path(path), vectors=vectors, where=where)

    def copy_to(
        self, target: Collection, *, replace: bool = False, listener: Listener | None = None
    ) -> CopyReport:
        """Make another collection, in whatever store, hold what this one holds; nothing is encoded again.

        The same call goes on with a copy that was interrupted; at the end both are read again and compared. What
        would be lost in the target is refused, or with ``replace`` replaced and removed: `firth.moving.copy`.
        """
        from firth.moving import copy

        places = (self.location, target.location)
        return copy(self.store, target.store, places=places, replace=replace, listener=listener)

    # finding

    def search(
        self,
        text: str | None = None,
        *,
        image: str | Path | bytes | PIL.Image.Image | None = None,
        positive: Sequence[Any] = (),
        negative: Sequence[Any] = (),
        k: int = 10,
        where: Where = None,
        mode: Mode = "hybrid",
        vector: str | None = None,
        metric: str = "cosine",
        min_percentile: float | None = None,
    ) -> Hits:
        """Find items by words in any language, by a picture, or by examples.

        Args:
            text: Words.
            image: A picture.
            positive: Examples of what is wanted: ``"id:12"``, texts, paths of pictures, vectors.
            negative: Examples of what is not.
            k: How many hits.
            where: A filter, ``"year > 2000 and language = 'eng'"`` or a dict.
            mode: ``"hybrid"``, ``"vector"`` or ``"text"``.
            vector: Which named vector; by default the one that suits the question.
            metric: ``"cosine"``, ``"dot"`` or ``"euclidean"``.
            min_percentile: The least percentile of a hit; then there may be no good match.

        Raises:
            FilterError: The filter does not parse or names an unknown field.
            EncoderMismatchError: The encoder installed here is not the one that made the vectors.
        """
        from firth.search import Request, search

        asked = text, image, positive, negative, k, where, mode, vector, _metric(metric), min_percentile
        return search(self._corpus(), Request(*asked))

    def similar(self, id: str, *, k: int = 10, vector: str | None = None, where: Where = None) -> Hits:
        """The items nearest to one of the collection's own."""
        from firth.search import similar

        return similar(self._corpus(), id, k=k, vector=vector, where=where)

    def duplicates(
        self, *, threshold: float = 0.97, vector: str | None = None, where: Where = None
    ) -> list[Pair]:
        """Pairs of items that are nearly the same, best first."""
        from firth.search import duplicates

        return duplicates(self._corpus(), threshold=threshold, vector=vector, where=where)

    def label(self, labels: Sequence[str], *, where: Where = None, balanced: bool = False) -> list[Labelled]:
        """Which of some labels suits each item best, with no example of any: `firth.analysis.labels.label`."""
        from firth.analysis.labels import label

        return label(self._corpus(), labels, where=where, balanced=balanced)

    # keeping promises

    def calibrate(self) -> None:
        """Measure again what unrelated queries score; `add` does it when the collection has grown by a fifth."""
        from firth.notes import keep_calibration

        keep_calibration(self.store)

    def _corpus(self) -> Corpus:
        """The collection as a search sees it, read again when anyone has written."""
        from firth.notes import corpus

        version = self.store.version()
        if self._corpus_at is None or self._corpus_at[0] != version:
            self._corpus_at = version, corpus(self.store)
        return self._corpus_at[1]


def _names_of_vectors(source: Any) -> set[str]:
    """Names of vectors that a source in memory brings, as far as its first entry tells."""
    if hasattr(source, "dtype"):
        return {"vector"}
    first = source[0] if isinstance(source, list) and source else None
    return set(first.vectors) if isinstance(first, Item) else set()


def _metric(name: str) -> Metric:
    if name not in set(Metric):
        raise InputError(f"got metric {name!r}; expected one of {', '.join(Metric)}")
    return Metric(name)
