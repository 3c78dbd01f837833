"""Encode: texts and pictures become vectors."""

from firth.encoders.base import Encoder, Role, Stamp, TextEncoder
from firth.encoders.registry import Entry, default_text_encoder, encoder, entries, is_installed

__all__ = [
    "Encoder",
    "Entry",
    "Role",
    "Stamp",
    "TextEncoder",
    "default_text_encoder",
    "encoder",
    "entries",
    "is_installed",
]
