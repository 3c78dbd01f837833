"""The engine room: runs a network of this package with weights of another, by ONNX Runtime, fp32.

One small seam, so that a faster kernel can take its place: a graph's name and weights by name go in, arrays
by name come out. The graphs are written by scripts/make_graphs.py and hold no weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import numpy as np

from firth.kernel.threads import cores
from firth.types import FloatArray

__all__ = ["Engine"]


class Engine:
    """A network at work.

    Args:
        graph: The name of a file in ``encoders/graphs``, without its ending.
        weights: Every tensor that the graph names, as contiguous float32.
    """

    def __init__(self, graph: str, weights: Mapping[str, FloatArray]) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cores()
        options.inter_op_num_threads = 1
        # threads that wait would else burn the CPU that other programs, or other libraries' threads, could use
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # batches differ in shape, so a plan of memory for each shape would only pile up
        options.enable_mem_pattern = False
        # the session reads these arrays where they lie: they must live as long as it does
        self._weights = [np.ascontiguousarray(array) for array in weights.values()]
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in self._weights]
        options.add_external_initializers(list(weights), values)
        model = resources.files("firth.encoders").joinpath("graphs", f"{graph}.onnx").read_bytes()
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def __call__(self, outputs: Sequence[str], **inputs: Any) -> list[FloatArray]:
        """Run it: input arrays by name in, the named outputs back."""
        result: list[FloatArray] = self._session.run(list(outputs), inputs)
        return result
