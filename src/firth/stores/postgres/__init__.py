"""The store on a server: PostgreSQL 15 or newer with pgvector 0.8 or newer, for many writers on many machines."""

from __future__ import annotations

from firth.stores.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
