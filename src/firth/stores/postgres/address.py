"""Where a collection lies on a PostgreSQL server.

>>> address = Address.of("postgresql://me:secret@db.example/library?collection=藏書&sslmode=require")
>>> address.collection, address.conninfo
('藏書', 'postgresql://me:secret@db.example/library?sslmode=require')
>>> print(address)
postgresql://me@db.example/library?collection=藏書
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import unquote

from firth.errors import InputError
from firth.places import shown

__all__ = ["Address", "fitted", "quoted"]

LONGEST_NAME = 63
"""Bytes of a name that PostgreSQL keeps; it cuts longer ones without an error."""


@dataclass(frozen=True)
class Address:
    """A location taken apart. As text it is fit to be shown: without passwords and options.

    Attributes:
        conninfo: What libpq gets: the location without ``collection``, otherwise untouched.
        collection: The collection's name.
        shown: The location without password and options.
    """

    conninfo: str
    collection: str
    shown: str

    @staticmethod
    def of(location: str) -> Address:
        """Take ``postgresql://user:password@host:port/database?collection=NAME&...`` apart.

        Raises:
            InputError: The collection is named twice, or by an empty name.
        """
        server, _, query = location.partition("?")
        options = query.split("&") if query else []
        names = [unquote(option.partition("=")[2]) for option in options if _is_ours(option)]
        collection = names[0] if names else "default"
        if len(names) > 1 or not collection or "\0" in collection:
            raise InputError(f"got the collections {names}; expected one name, as in ?collection=books")
        rest = "&".join(option for option in options if not _is_ours(option))
        return Address(
            server + (f"?{rest}" if rest else ""), collection, f"{shown(server)}?collection={collection}"
        )

    @property
    def schema(self) -> str:
        """The PostgreSQL schema that holds the collection, not quoted."""
        return fitted(f"firth_{self.collection}")

    @property
    def passwords(self) -> list[str]:
        """What must not stand in a message."""
        found = re.findall(r"://[^/@:]*:([^?]*)@|[?&]password=([^&]*)", self.conninfo)
        written = [password for pair in found for password in pair if password]
        pieces = [piece for password in written for piece in re.split("[:/@]", password) if piece]
        return [*written, *map(unquote, written), *pieces]  # libpq may quote a piece of what it cannot read

    def lock(self, purpose: str) -> int:
        """The key of an advisory lock of this collection."""
        digest = hashlib.blake2b(f"{purpose} {self.schema}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)

    def __str__(self) -> str:
        return self.shown


def fitted(name: str) -> str:
    """The name, or where PostgreSQL would cut it, its beginning and a digest of all of it.

    >>> fitted("f_書名")
    'f_書名'
    >>> fitted("f_" + "很長的名字" * 20)
    'f_很長的名字很長的名字很長的名字~d4982fb172523f'
    """
    if len(name.encode()) <= LONGEST_NAME:
        return name
    digest = "~" + hashlib.sha256(name.encode()).hexdigest()[:14]
    return name.encode()[: LONGEST_NAME - len(digest)].decode(errors="ignore") + digest


def quoted(name: str) -> str:
    """A name as an SQL identifier.

    >>> quoted('f_a"b')
    '"f_a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def _is_ours(option: str) -> bool:
    return option.partition("=")[0] == "collection"
