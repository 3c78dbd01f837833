"""Saying which columns were taken as text where the user did not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from firth.data.files import TABLES, open_table
from firth.data.options import Columns
from firth.data.tables import guess_text
from firth.errors import FirthError

__all__ = ["guessed_columns"]


def guessed_columns(source: Any, columns: Columns) -> str | None:
    """One line for the report on a table file; None where nothing was guessed."""
    if columns.text or not isinstance(source, str | Path) or Path(source).suffix.lower() not in TABLES:
        return None
    try:
        guess = guess_text(open_table(Path(source).expanduser()), columns)
    except FirthError:  # said in the report already
        return None
    return f"text columns: {', '.join(guess)}; choose others with text= (--text)" if guess else None
