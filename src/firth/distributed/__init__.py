"""Encoding by many processes on many machines, by Ray: the same batches, the same rows, more hands.

Reading, comparing and writing stay in the process that calls `add`; see docs/scale.md for how far that carries.
"""

from firth.distributed.cluster import Cluster
from firth.distributed.pool import encoding

__all__ = ["Cluster", "encoding"]
