"""What a scan may ask for."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from firth.errors import SchemaError

__all__ = ["known_columns"]


def known_columns(columns: Sequence[str], schema: pa.Schema) -> list[str]:
    """The columns, if the store has all of them.

    Raises:
        SchemaError: It lacks one.
    """
    for name in columns:
        if name not in schema.names:
            raise SchemaError(f"no column {name!r} in this store; expected of {', '.join(schema.names)}")
    return list(columns)
