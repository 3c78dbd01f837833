"""Putting items in, taking them out, carrying them elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firth.collection.base import Base, Where
from firth.errors import InputError
from firth.types import AddReport, Item

if TYPE_CHECKING:
    from firth.data import Limits
    from firth.distributed import Cluster
    from firth.ingest import Listener
    from firth.moving import CopyReport
    from firth.training import Listener as TrainingListener
    from firth.training.behaviour import InteractionsReport

__all__ = ["Changing"]


class Changing(Base):
    """The part of a collection that writes."""

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

        What is there already with the same content is not encoded again; what users did with an item stays with it
        when its content changes. A batch is written when it is encoded,
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
        from firth.search.histories import LEARNED

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
                store,
                stream,
                spaces,
                limits=limits,
                source=path,
                prune=prune,
                keep=LEARNED,
                listener=listener,
                encode=work,
            )
        if report.added or report.updated or report.pruned:
            store.optimize()
        # also when all is unchanged: an earlier run may have been killed before it
        calibrate_if_grown(store)
        self._corpus_at = None
        guessed = guessed_columns(source, columns)
        return replace(report, notes=(*report.notes, guessed)) if guessed else report

    def learn_interactions(
        self,
        source: Any,
        *,
        user: str | None = None,
        item: str | None = None,
        weight: str | None = None,
        time: str | None = None,
        at_least: float | None = None,
        dim: int = 128,
        seed: int = 0,
        again: bool = False,
        listener: TrainingListener | None = None,
    ) -> InteractionsReport:
        """Learn from a table of who took what: items get the vector ``behaviour``, users are kept beside them.

        What was learned before is replaced. Columns and errors: `firth.training.interactions.learn_interactions`.
        """
        from firth.training.interactions import learn_interactions

        return learn_interactions(
            self._corpus(),
            source,
            user=user,
            item=item,
            weight=weight,
            time=time,
            at_least=at_least,
            dim=dim,
            seed=seed,
            again=again,
            listener=listener,
        )

    def remove(self, ids: str | Sequence[str] = (), *, where: Where = None) -> int:
        """Remove items by their ids, or all that pass a filter; returns how many were there."""
        if where is not None and ids:
            raise InputError("got ids and a filter; expected one of the two")
        found = ids if where is None else [record["id"] for record in self.items(where=where)]
        return self.store.delete([found] if isinstance(found, str) else list(found))

    def export(self, path: str | Path, *, vectors: bool = True, where: Where = None) -> int:
        """Write items to ``.parquet``, which `add` takes back as they were, ``.jsonl`` or ``.npy``; returns how many.

        What each kind of file holds, and what ``.jsonl`` leaves out, is said at `firth.moving.export`.
        """
        from firth.moving import export

        return export(self._corpus(), Path(path), vectors=vectors, where=where)

    def copy_to(self, target: Base, *, replace: bool = False, listener: Listener | None = None) -> CopyReport:
        """Make another collection, in whatever store, hold what this one holds; nothing is encoded again.

        The same call goes on with a copy that was interrupted; at the end both are read again and compared. What
        would be lost in the target is refused, or with ``replace`` replaced and removed: `firth.moving.copy`.
        """
        from firth.moving import copy

        places = (self.location, target.location)
        return copy(self.store, target.store, places=places, replace=replace, listener=listener)

    def calibrate(self) -> None:
        """Measure again what unrelated queries score; `add` does it when the collection has grown by a fifth."""
        from firth.notes import keep_calibration

        keep_calibration(self.store)


def _names_of_vectors(source: Any) -> set[str]:
    """Names of vectors that a source in memory brings, as far as its first entry tells."""
    if hasattr(source, "dtype"):
        return {"vector"}
    first = source[0] if isinstance(source, list) and source else None
    return set(first.vectors) if isinstance(first, Item) else set()
