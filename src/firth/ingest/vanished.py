"""Which items came from a file or folder before and are no longer in it."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

from firth.stores import Store
from firth.stores.filters import In, Like, Or

__all__ = ["Reading", "vanished"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read this time.

    Attributes:
        source: The file or folder that was handed to `add`, absolute.
        sources: All sources of the items that were read: that, and the tables in it.
        seen: The ids of these items.
        unread: What the reader skipped, by name.
    """

    source: str
    sources: frozenset[str]
    seen: Container[str]
    unread: Sequence[str]

    def lacks_rows_of(self, table: str) -> bool:
        """Whether rows of a table could not be read, so that nobody knows which of its items are gone."""
        name = re.compile(rf"(^|/){re.escape(Path(table).name)}( (?!column )|$)")
        return any(name.search(skipped) for skipped in self.unread)


def vanished(store: Store, reading: Reading) -> tuple[list[str], list[str]]:
    """Ids of items that are gone, and a note for each table of which that cannot be told.

    A file that is still there but could not be read now has not vanished.
    """
    inside = re.sub(r"([\\%_])", r"\\\1", reading.source.rstrip(os.sep) + os.sep) + "%"
    where = Or((In("source", tuple(sorted(reading.sources))), Like("source", inside)))
    gone, unsure = [], set()
    for table in store.scan(["id", "path", "source"], where=where):
        for row in table.to_pylist():
            if row["id"] in reading.seen or _is_there(row["path"], row["source"], reading):
                continue
            if Path(row["source"]).exists() and reading.lacks_rows_of(row["source"]):
                unsure.add(row["source"])
            else:
                gone.append(row["id"])
    return gone, [_note(table) for table in sorted(unsure)]


def _is_there(path: str | None, source: str, reading: Reading) -> bool:
    """Whether an item that was not read can still be where it came from."""
    if path is not None and (path == source or Path(source).is_dir()):
        return Path(path).exists()
    return Path(source).exists() and source not in reading.sources  # rows of a table that was not read now


def _note(table: str) -> str:
    return f"{Path(table).name}: rows could not be read, so those missing from it are not counted as vanished"
