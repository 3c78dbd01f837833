"""Importing LanceDB without the client of its cloud service.

`import lancedb` loads `lance_namespace_urllib3_client`, 40,000 lines of classes generated for a REST service that an
embedded store never calls: 40 % of the time that the import takes. Its classes of data are needed,
its classes of calls are not; so the package is put in place unexecuted, and executed when anything asks it for a name.
"""

from __future__ import annotations

import os
import sys
import threading
from importlib import util
from types import ModuleType
from typing import Any

__all__ = ["LOADING", "lancedb", "settle"]

CLIENT = "lance_namespace_urllib3_client"
LOADING = threading.Lock()
"""The engine is loaded by one thread, for its compiled module can only be loaded once."""
READ_AHEAD = 8 * 2**20
"""Bytes that a scan may have read and not yet used. Lance's own 2 GB hold the vectors of a million texts at once."""

WORDS_AT_ONCE = 32
"""MB that the index of words may take while it is built, by one thread. With Lance's own 256 MB for each of several, a
million short texts take 195 MB and a tenth less time; the first search of a process is 50 ms quicker."""


class _Unexecuted(ModuleType):
    """A package that can be imported from by submodule, and runs its own code at the first use of a name."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or self.__spec__ is None or self.__spec__.loader is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        self.__class__ = ModuleType  # type: ignore[assignment]
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def settle() -> None:
    """Settings that the engine reads when it is loaded, where the user has none."""
    os.environ.setdefault("LANCEDB_LOG", "error")  # else a warning a search on stderr
    os.environ.setdefault("LANCE_DEFAULT_IO_BUFFER_SIZE", str(READ_AHEAD))
    os.environ.setdefault("LANCE_FTS_PARTITION_SIZE", str(WORDS_AT_ONCE))
    os.environ.setdefault("LANCE_FTS_NUM_SHARDS", "1")


def lancedb() -> Any:
    """The module `lancedb`."""
    settle()
    with LOADING:
        spec = None if CLIENT in sys.modules else util.find_spec(CLIENT)
        if spec is not None and spec.submodule_search_locations is not None:
            package = _Unexecuted(CLIENT)
            package.__spec__, package.__path__ = spec, list(spec.submodule_search_locations)
            sys.modules[CLIENT] = package
        import lancedb
    return lancedb
