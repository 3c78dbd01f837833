"""What an item keeps when its content changes: what users did with it, say, which its content does not decide."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from firth.stores import Store
from firth.stores.base import field_column

__all__ = ["with_kept"]


def with_kept(rows: pa.Table, store: Store, columns: Sequence[str], ids: Sequence[str]) -> pa.Table:
    """New rows of items with what the store has of them in some columns, where the rows bring nothing of their own.

    Args:
        rows: What is about to be written.
        store: What still has the rows as they were.
        columns: Fields, which stand on every part, and vectors, which stand on part 0.
        ids: Items that the store may have.
    """
    schema = store.schema()
    columns = [column for column in columns if column in schema.names]
    if not columns or not ids:
        return rows
    before = pa.concat_tables(store.scan(["id", *columns], ids=ids))
    place = pc.index_in(rows["id"], value_set=before["id"].combine_chunks())
    first = pc.if_else(pc.equal(rows["part"], 0), place, None)
    for column in columns:
        is_field = column.startswith(field_column(""))
        values = before[column].take(place if is_field else first)
        if column in rows.column_names:
            values = pc.coalesce(rows[column], values)
            rows = rows.set_column(rows.schema.get_field_index(column), column, values)
        else:
            rows = rows.append_column(column, values)
    return rows
