"""Write the networks that firth runs as small ONNX graphs without weights (needs `pip install onnx`).

    python scripts/make_graphs.py            # writes src/firth/encoders/graphs/*.onnx

The weights stay in the packages that pip installs; firth.encoders.engine hands them to ONNX Runtime by name.
So this script is the readable form of what is computed, and the .onnx files beside it are its print.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

GRAPHS = Path(__file__).parent.parent / "src" / "firth" / "encoders" / "graphs"
Dim = str | int


class Pen:
    """Writes nodes one after another; every method gives back the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: list[TensorProto] = []

    def op(self, kind: str, *inputs: str, **attributes: object) -> str:
        output = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def weight(self, name: str, *shape: int) -> str:
        """A tensor that is named here and filled in at load time."""
        tensor = TensorProto(
            name=name, data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL
        )
        tensor.external_data.add(key="location", value="weights")
        self.tensors.append(tensor)
        return name

    def constant(self, value: object) -> str:
        name = f"c{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def linear(self, x: str, name: str, d_in: int, d_out: int) -> str:
        product = self.op("MatMul", x, self.weight(f"{name}.w", d_in, d_out))
        return self.op("Add", product, self.weight(f"{name}.b", d_out))

    def layer_norm(self, x: str, name: str, width: int, eps: float) -> str:
        scale, bias = self.weight(f"{name}.w", width), self.weight(f"{name}.b", width)
        return self.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=eps)

    def save(self, file: str, inputs: dict[str, tuple[int, Sequence[Dim]]], outputs: dict[str, str]) -> None:
        for name, result in outputs.items():
            self.nodes.append(helper.make_node("Identity", [result], [name]))
        values = [
            helper.make_tensor_value_info(name, kind, list(shape)) for name, (kind, shape) in inputs.items()
        ]
        results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
        graph = helper.make_graph(self.nodes, file, values, results, self.tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
        (GRAPHS / f"{file}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def bert(file: str, layers: int, width: int = 384, heads: int = 12, inner: int = 1536) -> None:
    """A BERT encoder (Devlin et al. 2019) from embedded tokens (b, l, d) and mask (b, l) to tokens (b, l, d)."""
    pen, eps = Pen(), 1e-12
    split = pen.constant(np.array([0, 0, heads, width // heads]))
    join = pen.constant(np.array([0, 0, width]))
    scale = pen.constant(np.float32((width // heads) ** -0.5))
    hidden = pen.op("Mul", pen.op("Sub", "mask", pen.constant(np.float32(1))), pen.constant(np.float32(1e4)))
    hidden = pen.op("Unsqueeze", hidden, pen.constant(np.array([1, 2])))
    x = pen.layer_norm("x", "emb.ln", width, eps)
    for i in range(layers):
        q, k, v = (pen.op("Reshape", pen.linear(x, f"l{i}.{n}", width, width), split) for n in "qkv")
        q = pen.op("Mul", pen.op("Transpose", q, perm=[0, 2, 1, 3]), scale)
        k, v = pen.op("Transpose", k, perm=[0, 2, 3, 1]), pen.op("Transpose", v, perm=[0, 2, 1, 3])
        attention = pen.op("Softmax", pen.op("Add", pen.op("MatMul", q, k), hidden), axis=-1)
        mixed = pen.op("Transpose", pen.op("MatMul", attention, v), perm=[0, 2, 1, 3])
        mixed = pen.linear(pen.op("Reshape", mixed, join), f"l{i}.ao", width, width)
        x = pen.layer_norm(pen.op("Add", x, mixed), f"l{i}.aln", width, eps)
        inside = pen.op("Gelu", pen.linear(x, f"l{i}.fi", width, inner))
        x = pen.layer_norm(
            pen.op("Add", x, pen.linear(inside, f"l{i}.fo", inner, width)), f"l{i}.oln", width, eps
        )
    inputs = {"x": (TensorProto.FLOAT, ("b", "l", width)), "mask": (TensorProto.FLOAT, ("b", "l"))}
    pen.save(file, inputs, {"hidden": x})


def use() -> None:
    """Universal Sentence Encoder, multilingual, averaging variant (Yang et al. 2020), on flat tokens.

    The tokens of all texts of a batch stand in one matrix (t, 512). `window` (t, 5) names for each token the
    rows of its neighbours, t itself for "outside of this text" (a row of zeros); `member` (n, t) is 1 where a
    token belongs to a text. (ScatterND with a sum would do without it, but runs its sums in a race.)
    """
    pen, eps, width, taps = Pen(), 1e-12, 256, ((2, 0), (3, 1), (5, 2))
    x = pen.layer_norm(pen.linear("x", "proj", 512, 3 * width), "branches", 3 * width, eps)
    parts = [f"branch{i}" for i in range(3)]
    pen.nodes.append(helper.make_node("Split", [x, pen.constant(np.array([width] * 3))], parts, axis=1))
    zeros, features = pen.constant(np.zeros((1, width), np.float32)), ["x"]
    for branch, (taps_wide, left) in zip(parts, taps, strict=True):
        bounds = [pen.constant(np.array([n])) for n in (2 - left, 2 - left + taps_wide, 1)]
        columns, flat = pen.op("Slice", "window", *bounds), pen.constant(np.array([-1, taps_wide * width]))
        for step in (1, 2):
            rows = pen.op("Gather", pen.op("Concat", branch, zeros, axis=0), columns)
            name = f"conv{taps_wide}.{step}"
            convolved = pen.op(
                "Relu", pen.linear(pen.op("Reshape", rows, flat), name, taps_wide * width, width)
            )
            branch = pen.op("Add", convolved, branch)
        features.append(branch)
    tokens = pen.layer_norm(pen.op("Concat", *features, axis=1), "tokens", 1280, eps)
    total = pen.op("MatMul", "member", tokens)
    root = pen.op("Sqrt", "length")
    mean = pen.op("MatMul", total, pen.weight("cnn.w", 1280, 512))
    mean = pen.op("Div", pen.op("Add", mean, pen.op("Mul", "length", pen.weight("cnn.b", 512))), root)

    def dense(value: str, name: str, d_in: int, d_out: int) -> str:
        return pen.op("MatMul", value, pen.weight(name, d_in, d_out))

    y0 = pen.op("Relu", dense(mean, "d0", 512, 320))
    y1 = pen.op("Relu", pen.op("Add", dense(mean, "p1", 512, 320), dense(y0, "d1", 320, 320)))
    y2 = pen.op("Relu", dense(y1, "d2", 320, 512))
    vector = pen.op("Tanh", pen.op("Add", dense(y1, "p3", 320, 512), dense(y2, "d3", 512, 512)))
    inputs = {
        "x": (TensorProto.FLOAT, ("t", 512)),
        "window": (TensorProto.INT64, ("t", 5)),
        "member": (TensorProto.FLOAT, ("n", "t")),
        "length": (TensorProto.FLOAT, ("n", 1)),
    }
    pen.save("use", inputs, {"vector": vector})


# (widening, channels out, repeats, stride of the first, kernel) of EfficientNet-B0, which Lite0 shares
LITE0_BLOCKS = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)


def lite0() -> None:
    """EfficientNet-Lite0 (Tan and Le 2019, without squeeze-and-excite, ReLU6): (b, 3, 224, 224) pictures.

    Batch normalisation is folded into each convolution's weight and bias at load time.
    """
    pen = Pen()
    low, high = pen.constant(np.float32(0)), pen.constant(np.float32(6))

    def conv(x: str, name: str, shape: tuple[int, int, int], stride: int = 1, depthwise: bool = False) -> str:
        d_in, d_out, kernel = shape
        weight = pen.weight(f"{name}.w", d_out, 1 if depthwise else d_in, kernel, kernel)
        return pen.op(
            "Conv",
            x,
            weight,
            pen.weight(f"{name}.b", d_out),
            strides=[stride] * 2,
            group=d_in if depthwise else 1,
            pads=[kernel // 2] * 4,
        )

    def relu6(x: str) -> str:
        return pen.op("Clip", x, low, high)

    x, width, index = relu6(conv("x", "stem", (3, 32, 3), stride=2)), 32, 0
    for widening, out, repeats, first_stride, kernel in LITE0_BLOCKS:
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            inner, y = width * widening, x
            if widening > 1:
                y = relu6(conv(y, f"b{index}.expand", (width, inner, 1)))
            y = relu6(conv(y, f"b{index}.depthwise", (inner, inner, kernel), stride=stride, depthwise=True))
            y = conv(y, f"b{index}.project", (inner, out, 1))
            x = pen.op("Add", x, y) if stride == 1 and width == out else y
            width, index = out, index + 1
    x = relu6(conv(x, "head", (width, 1280, 1)))
    features = pen.op("Flatten", pen.op("GlobalAveragePool", x))
    logits = pen.linear(features, "fc", 1280, 1000)
    pen.save(
        "lite0", {"x": (TensorProto.FLOAT, ("b", 3, 224, 224))}, {"features": features, "logits": logits}
    )


if __name__ == "__main__":
    GRAPHS.mkdir(exist_ok=True)
    bert("bert12", layers=12)
    bert("bert6", layers=6)
    use()
    lite0()
