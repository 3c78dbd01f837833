"""From store to store: rows and notes as they stand, resumable, and compared at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from firth.errors import EncoderMismatchError, InputError, SchemaError, StoreError
from firth.ingest import Listener
from firth.listing import COPYING
from firth.moving.digest import item_digests
from firth.moving.reading import digest_of, ids_of, whole_items
from firth.places import shown
from firth.stores import Store
from firth.stores.base import field_name

__all__ = ["CopyReport", "copy"]

NAMED = 3
"""How many ids a message names."""
REPLACE = "copy to a new collection, or with --replace (replace=True), which makes it the same as the source"


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What a copy did, and what then stood on both sides.

    Attributes:
        items: How many items there are.
        rows: How many rows: items, their passages and views.
        digest: Of every column of every row, the same on both sides.
        copied: How many items were new in the target.
        replaced: How many had stood there with another content.
        unchanged: How many were there already and equal.
        removed: How many had stood in the target alone.
        notes: What else there is to know, one line each.
    """

    items: int
    rows: int
    digest: str
    copied: int = 0
    replaced: int = 0
    unchanged: int = 0
    removed: int = 0
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        counts = [f"{self.copied:,} copied"]
        for name in ("replaced", "unchanged", "removed"):
            counts += [f"{getattr(self, name):,} {name}"] if getattr(self, name) else []
        same = f"{self.items:,} items, {self.rows:,} rows, digest {self.digest} the same on both sides"
        return "\n".join([", ".join(counts), same, *self.notes])


def copy(
    source: Store,
    target: Store,
    *,
    places: tuple[str, str],
    replace: bool = False,
    listener: Listener | None = None,
) -> CopyReport:
    """Make a store hold what another one holds: all rows, all columns, and the collection's notes.

    Items that are there and equal are left alone, so an interrupted copy goes on where it stopped. What stands in
    the target and did not come from the source is neither changed nor removed, unless ``replace`` says so.

    Args:
        source: Where from; it is only read.
        target: Where to.
        places: Where the two lie. That of the source is kept in the target while the copy is not complete.
        replace: Change and remove what differs in the target.
        listener: Is told ``"copied"``, ``"replaced"``, ``"unchanged"``, ``"removed"``, and at last ``"compared"``.

    Raises:
        InputError: The two are one; the target holds other items, or items with another content; the source is
            itself an unfinished copy.
        EncoderMismatchError: The target's vectors are made by other encoders.
        SchemaError: A column has another type in the target.
        StoreError: The source was written to meanwhile, or the two differ in the end.
    """
    if source is target or _absolute(places[0]) == _absolute(places[1]) != ":memory:":
        raise InputError(f"got {shown(places[0])!r} twice; expected another collection to copy to")
    version, notes, origin = source.version(), source.read_meta(), shown(_absolute(places[0]))
    if COPYING in notes:
        raise InputError(
            f"the source is an unfinished copy of {notes[COPYING]}. Next: finish it with the command that began it"
        )
    plan = _compared(source, target, listener)
    begun = target.read_meta().get(COPYING) == origin
    if not replace:
        _check_target(target, notes, plan, begun=begun)
    _make_room(source, target)
    target.write_meta({**_exactly(target, notes), COPYING: origin})
    if plan.alone:
        target.delete(plan.alone)
        _tell(listener, "removed", plan.alone)
    _write(source, target, plan, listener)
    target.optimize()
    report = _verified(source, target, plan, version=version, listener=listener)
    target.write_meta({**_exactly(target, source.read_meta()), COPYING: None})
    return report


@dataclass
class _Plan:
    """The two stores item by item, before anything is written.

    Attributes:
        missing: In the source alone.
        differing: In both, not the same.
        equal: How many are in both and the same.
        alone: In the target alone.
    """

    missing: pa.ChunkedArray
    differing: list[str] = field(default_factory=list)
    equal: int = 0
    alone: list[str] = field(default_factory=list)


def _absolute(location: str) -> str:
    """The same whatever folder one works in."""
    if "://" in location or location == ":memory:":
        return location
    return str(Path(location).resolve())


def _compared(source: Store, target: Store, listener: Listener | None) -> _Plan:
    given, there = ids_of(source), ids_of(target)
    if not len(there):
        return _Plan(missing=given)
    in_both = _among(given, there)
    plan = _Plan(
        given.filter(pc.invert(in_both)), alone=there.filter(pc.invert(_among(there, given))).to_pylist()
    )
    for rows in whole_items(source, given.filter(in_both)):
        ours = item_digests(rows)
        theirs: dict[str, int] = {}
        for table in whole_items(target, list(ours)):
            theirs |= item_digests(table)
        differing = [id for id, digest in ours.items() if theirs.get(id) != digest]
        plan.differing += differing
        plan.equal += len(ours) - len(differing)
        _tell(listener, "unchanged", [id for id, digest in ours.items() if theirs.get(id) == digest])
    return plan


def _among(ids: pa.ChunkedArray, others: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.is_in(ids, value_set=others.combine_chunks())


def _check_target(target: Store, notes: Mapping[str, Any], plan: _Plan, *, begun: bool) -> None:
    """Refuse where a copy would lose what did not come from the source."""
    here = target.read_meta()
    if COPYING in here and not begun:
        raise InputError(
            f"the target is an unfinished copy of {here[COPYING]}. Next: finish that one, or {REPLACE}"
        )
    filled = plan.equal or plan.differing or plan.alone
    if filled and here.get("vectors", {}) != notes.get("vectors", {}):
        raise EncoderMismatchError(
            f"the target's vectors are made by other encoders than the source's. Next: {REPLACE}"
        )
    if plan.alone:
        raise InputError(f"the target holds {_some(plan.alone)} that the source does not. Next: {REPLACE}")
    if plan.differing and not begun:
        raise InputError(
            f"the target holds {_some(plan.differing)} with another content than the source. Next: {REPLACE}"
        )


def _some(ids: Sequence[str]) -> str:
    named = ", ".join(repr(id) for id in islice(ids, NAMED))
    return f"{len(ids):,} item{'s' if len(ids) > 1 else ''} ({named}{', ...' if len(ids) > NAMED else ''})"


def _make_room(source: Store, target: Store) -> None:
    """See that every column of the source fits; vectors that the source has not, or in another width, go."""
    wanted = {column.name: column.type for column in source.schema()}
    other = [column for column in target.schema() if wanted.get(column.name) != column.type]
    for column in other:
        if column.name.startswith("f_") and column.name in wanted:
            raise SchemaError(
                f"the field {field_name(column.name)!r} holds {column.type} in the target and {wanted[column.name]} "
                "in the source. Next: copy to a new collection"
            )
    for column in other:
        if column.name.startswith("v_"):
            target.drop_vector(column.name.removeprefix("v_"))


def _exactly(target: Store, notes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes that make the target's notes these."""
    return {**dict.fromkeys(target.read_meta()), **notes}


def _write(source: Store, target: Store, plan: _Plan, listener: Listener | None) -> None:
    for status, ids in (("copied", plan.missing), ("replaced", plan.differing)):
        for rows in whole_items(source, ids):
            target.put(rows)
            _tell(listener, status, pc.unique(rows["id"]).to_pylist())
    if set(source.schema().names) - set(target.schema().names):
        target.put(source.schema().empty_table())  # columns in which nothing stands


def _verified(
    source: Store, target: Store, plan: _Plan, *, version: int, listener: Listener | None
) -> CopyReport:
    """Both sides read again and compared."""
    given, there = (
        digest_of(store, lambda ids: _tell(listener, "compared", ids)) for store in (source, target)
    )
    moved = source.version() != version
    if given != there and moved:
        raise StoreError(
            f"the source was written to while it was copied; it holds {given}, the target {there}. Next: run the "
            "same command again when nobody writes to it; what is equal is not copied again"
        )
    if given != there:
        raise StoreError(
            f"the source holds {given}, the target {there}: somebody else wrote to the target, or it does not "
            "give back what was put there. Next: run the same command again"
        )
    said = ("the source was written to meanwhile; what is copied is how it stands now",) if moved else ()
    counts = (len(plan.missing), len(plan.differing), plan.equal, len(plan.alone))
    return CopyReport(given.items, given.rows, given.hex, *counts, notes=said)


def _tell(listener: Listener | None, status: str, ids: Sequence[str]) -> None:
    if listener and ids:
        listener.done(status, ids)
