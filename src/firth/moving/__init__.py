"""Moving collections: from one store to another, to a file, and back from it, without encoding anything again.

In reading order: `reading` gives whole items in batches, `digest` tells whether two stores hold the same, `copying`
goes from store to store; `layout` says how items stand in a file, `exporting` writes it, `importing` takes it back.
"""

from firth.moving.copying import CopyReport, copy
from firth.moving.exporting import export
from firth.moving.importing import is_export, restore

__all__ = ["CopyReport", "copy", "export", "is_export", "restore"]
