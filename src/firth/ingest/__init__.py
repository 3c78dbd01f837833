"""Between reading and the store: what is new is encoded and written, what is not is left alone."""

from firth.ingest.adding import Listener, add

__all__ = ["Listener", "add"]
