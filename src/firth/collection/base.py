"""Where a collection is, what it holds, and its items as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from firth.places import shown

if TYPE_CHECKING:
    from firth.search import Corpus
    from firth.stores import Store

__all__ = ["Base", "Where"]

Where: TypeAlias = str | Mapping[str, Any] | None


class Base:
    """A place and the store there, opened when it is first needed."""

    def __init__(self, location: str, *, model: str | None = None) -> None:
        self.location = location
        self._model = model
        self._opened: Store | None = None
        self._corpus_at: tuple[int, Corpus] | None = None

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
        """How many items; users, who are kept beside them, do not count."""
        from firth.search.histories import ITEMS

        return self.store.count(ITEMS)

    def __repr__(self) -> str:
        return f"Collection({shown(self.location)!r}, {len(self):,} items)"

    def _repr_html_(self) -> str:
        from firth.showing import collection_html

        return collection_html(self._corpus(), self.location)

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and bool(self.get([id]))

    def status(self) -> dict[str, Any]:
        """What it holds: items by kind, fields with their types, vectors with their encoders, size and place."""
        from firth.listing import overview

        return {"location": shown(self.location), **overview(self._corpus())}

    def get(self, ids: str | Sequence[str], *, vectors: bool = False) -> list[dict[str, Any]]:
        """Items as dicts, in the order asked for; those that are not there are left out."""
        from firth.listing import records

        wanted = [ids] if isinstance(ids, str) else list(ids)
        found = {record["id"]: record for record in records(self._corpus(), ids=wanted, vectors=vectors)}
        return [found[id] for id in wanted if id in found]

    def items(
        self,
        *,
        where: Where = None,
        vectors: bool = False,
        sort: str | None = None,
        ascending: bool = False,
        k: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """All items as dicts, or those that pass a filter, or the first ``k``; users by ``kind = 'user'``.

        In no promised order; or sorted by a field of numbers or dates, such as ``"tag:奇幻"``, the highest value first.
        """
        from firth.listing import records, sorted_records

        if sort is None:
            return islice(records(self._corpus(), where=where, vectors=vectors), k)
        asked: dict[str, Any] = {"where": where, "vectors": vectors, "ascending": ascending, "k": k}
        return sorted_records(self._corpus(), sort, **asked)

    def vectors(self, name: str = "meaning") -> tuple[list[str], Any]:
        """The ids ``n`` and the matrix ``(n, d)`` of one named vector, of items that have it."""
        from firth.listing import matrix

        return matrix(self._corpus(), name)

    def _corpus(self) -> Corpus:
        """The collection as a search sees it, read again when anyone has written."""
        from firth.notes import corpus

        version = self.store.version()
        if self._corpus_at is None or self._corpus_at[0] != version:
            self._corpus_at = version, corpus(self.store)
        return self._corpus_at[1]
