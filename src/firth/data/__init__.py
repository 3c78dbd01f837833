"""Reading: files, folders, tables, pictures and what is in memory become items.

In reading order: `reading` decides what it is; `folders`, `files` and `memory` go through it; `documents`,
`tables` and `pictures` (each with its kinds) open it; `encodings` tells which bytes are text.
"""

from firth.data.documents import document_text
from firth.data.files import ENDINGS, open_table
from firth.data.guessed import guessed_columns
from firth.data.memory import read_vectors
from firth.data.options import Columns, Limits
from firth.data.pictures import load_picture, picture_bytes, thumbnail
from firth.data.reading import read, total
from firth.data.table_items import content_id
from firth.data.tables import Table, guess_text

__all__ = [
    "ENDINGS",
    "Columns",
    "Limits",
    "Table",
    "content_id",
    "document_text",
    "guess_text",
    "guessed_columns",
    "load_picture",
    "open_table",
    "picture_bytes",
    "read",
    "read_vectors",
    "thumbnail",
    "total",
]
