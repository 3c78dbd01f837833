"""Between reading and the store: what is new is encoded and written, what is not is left alone."""

from firth.ingest.adding import add
from firth.ingest.tally import Listener, Tally
from firth.ingest.work import Batch, Encode, Encoded, encode_batch

__all__ = ["Batch", "Encode", "Encoded", "Listener", "Tally", "add", "encode_batch"]
