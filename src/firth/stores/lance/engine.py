"""Importing LanceDB without the client of its cloud service.

`import lancedb` loads `lance_namespace_urllib3_client`, 40,000 lines of classes generated for a REST service that an
embedded store never calls: 40 % of the time until a search from the shell answers. Its classes of data are needed,
its classes of calls are not; so the package is put in place unexecuted, and executed when anything asks it for a name.
"""

from __future__ import annotations

import os
import sys
from importlib import util
from types import ModuleType
from typing import Any

__all__ = ["lancedb"]

CLIENT = "lance_namespace_urllib3_client"


class _Unexecuted(ModuleType):
    """A package that can be imported from by submodule, and runs its own code at the first use of a name."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or self.__spec__ is None or self.__spec__.loader is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        self.__class__ = ModuleType  # type: ignore[assignment]
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def lancedb() -> Any:
    """The module `lancedb`."""
    os.environ.setdefault("LANCEDB_LOG", "error")  # else a warning a search on stderr
    spec = None if CLIENT in sys.modules else util.find_spec(CLIENT)
    if spec is not None and spec.submodule_search_locations is not None:
        package = _Unexecuted(CLIENT)
        package.__spec__, package.__path__ = spec, list(spec.submodule_search_locations)
        sys.modules[CLIENT] = package
    import lancedb

    return lancedb
