"""Where firth keeps things on this machine: collections in the data folder, what can be made again in the cache."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from pathlib import Path

__all__ = ["cache_folder", "cached_file", "data_folder", "shown"]


def data_folder() -> Path:
    """The folder of named collections: ``$FIRTH_HOME``, else the user's data folder of this system."""
    if home := os.environ.get("FIRTH_HOME"):
        return Path(home)
    import platformdirs

    return platformdirs.user_data_path("firth", appauthor=False)


def cache_folder() -> Path:
    """The folder of what can be made again: ``$FIRTH_HOME/cache``, else the user's cache folder."""
    if home := os.environ.get("FIRTH_HOME"):
        return Path(home) / "cache"
    import platformdirs

    return platformdirs.user_cache_path("firth", appauthor=False)


def cached_file(name: str, make: Callable[[], bytes]) -> Path:
    """A file in the cache, made if it is not there; processes and threads that make it at once do no harm."""
    path = cache_folder() / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{name}.{os.getpid()}.{threading.get_ident()}")
        draft.write_bytes(make())
        draft.replace(path)
    return path


def shown(location: str) -> str:
    """A collection's name, folder or address as it may be printed: without password or options other than its name.

    >>> shown("postgresql://me:secret@example.org:5432/圖書?collection=books&sslmode=require")
    'postgresql://me@example.org:5432/圖書?collection=books'
    >>> shown("postgresql://me:a/b@c@example.org/圖書")  # whatever stands in a password
    'postgresql://me@example.org/圖書'
    """
    if "://" not in location:
        return location
    server, _, query = location.partition("?")
    which = [option for option in query.split("&") if option.startswith("collection=")]
    return "?".join([re.sub(r"(?<=://)([^/@:]*)(:.*)?@", r"\1@", server), *which])
