"""Every error firth raises on purpose, as one tree.

Each leaf is also the builtin a caller would expect, so ``except ValueError`` goes on working::

    FirthError
    ├── InputError (ValueError)            what was given cannot be used
    │   ├── FilterError                    a `where` that does not parse, or names an unknown field
    │   ├── DimensionError                 vectors of the wrong width or shape
    │   └── SchemaError                    a field or column of another type, or one that is missing
    ├── UnreadableError (OSError)          a file that cannot be read, decoded or is over a stated limit
    ├── UnknownNameError (LookupError)     an encoder, collection, vector, field or id that is not there
    ├── EncoderMismatchError (ValueError)  a query by another encoder than the one that made the vectors
    ├── MissingExtraError (ImportError)    an optional library is not installed; names the pip line
    └── StoreError (RuntimeError)          the store could not do it (locked, damaged, newer format)

Messages say what was got, what was expected and what to do next.
"""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = [
    "DimensionError",
    "EncoderMismatchError",
    "FilterError",
    "FirthError",
    "InputError",
    "MissingExtraError",
    "SchemaError",
    "StoreError",
    "UnknownNameError",
    "UnreadableError",
    "require",
]


class FirthError(Exception):
    """The root of every error firth raises on purpose."""


class InputError(FirthError, ValueError):
    """What was given cannot be used."""


class FilterError(InputError):
    """A ``where`` filter does not parse, or names a field the collection does not have."""


class DimensionError(InputError):
    """Vectors have the wrong width or shape."""


class SchemaError(InputError):
    """A field or column has another type than before, or is missing."""


class UnreadableError(FirthError, OSError):
    """A file cannot be read, cannot be decoded, or is over a stated limit."""


class UnknownNameError(FirthError, LookupError):
    """A name (encoder, collection, vector, field, id) that is not there."""


class EncoderMismatchError(FirthError, ValueError):
    """A query was made by another encoder than the one that made the stored vectors."""


class MissingExtraError(FirthError, ImportError):
    """An optional library is not installed."""


class StoreError(FirthError, RuntimeError):
    """The store could not do what was asked."""


def require(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import an optional module, or say in one line how to get it.

    Args:
        module: What to import, for example ``"torch"``.
        extra: The name of firth's extra that brings it, for example ``"minilm"``.
        purpose: What it is needed for, as the end of the sentence "... is needed".

    Raises:
        MissingExtraError: The module is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"{module!r} is not installed; it is needed {purpose}. Next: pip install 'firth[{extra}]'"
        ) from error
