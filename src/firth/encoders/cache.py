"""Vectors of texts that were encoded before, by a hash of the text: what is the same is not encoded again."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from firth.encoders.base import Encoder, Progress, Role, checked_texts
from firth.places import cache_folder
from firth.types import FloatArray

__all__ = ["CachedEncoder"]

ASK = 500
"""How many keys go into one question to the cache; SQLite takes 999 at least."""


class CachedEncoder(Encoder):
    """An encoder of texts that remembers on disk.

    The key holds the encoder's fingerprint and the role, so other weights never answer. Several processes may
    share one file.

    Args:
        encoder: What encodes the texts that are new.
        path: The file; by default ``vectors.sqlite`` in the user's cache folder.
    """

    def __init__(self, encoder: Encoder, path: Path | None = None) -> None:
        self.encoder = encoder
        self.path = path or cache_folder() / "vectors.sqlite"
        self.name, self.dim, self.modalities = encoder.name, encoder.dim, encoder.modalities
        self.worth = encoder.worth

    @property
    def fingerprint(self) -> str:  # type: ignore[override]
        """That of the encoder within."""
        return self.encoder.fingerprint

    def encode(
        self, inputs: Sequence[Any], *, role: Role = "document", progress: Progress | None = None
    ) -> FloatArray:
        """Encode texts, from memory where they were encoded before: ``(n, d)``."""
        texts = checked_texts(inputs, self.name)
        keys = [sha256(f"{self.fingerprint} {role} {text}".encode()).digest() for text in texts]
        with closing(self._connect()) as database:
            known = self._recall(database, keys)
            new = list({key: i for i, key in enumerate(keys) if key not in known}.values())
            if progress:
                progress(len(texts) - len(new))
            if new:
                vectors = self.encoder.encode([texts[i] for i in new], role=role, progress=progress)
                rows = [(keys[i], vector.tobytes()) for i, vector in zip(new, vectors, strict=True)]
                with database:
                    database.executemany("insert or ignore into vectors values (?, ?)", rows)
                known |= {keys[i]: vector for i, vector in zip(new, vectors, strict=True)}
        return np.array([known[key] for key in keys], np.float32).reshape(len(keys), self.dim)

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path, timeout=60)
        database.execute(
            "create table if not exists vectors (key blob primary key, vector blob) without rowid"
        )
        return database

    def _recall(self, database: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, FloatArray]:
        known = {}
        for start in range(0, len(keys), ASK):
            some = keys[start : start + ASK]
            marks = ",".join("?" * len(some))
            question = f"select key, vector from vectors where key in ({marks})"  # noqa: S608 - marks only
            for key, vector in database.execute(question, some):
                known[key] = np.frombuffer(vector, np.float32)
        return known
