"""A frozen TensorFlow graph of a ReLU6 convolutional network as ONNX, without TensorFlow.

A `.pb` file is a protocol buffer (GraphDef: a list of nodes). Few kinds of node matter for SSD MobileNet,
so reading them here costs less than a TensorFlow of half a gigabyte in the export environment. Batch
normalisation is folded into the convolutions, because quantization wants it so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Floats = npt.NDArray[np.float32]
_DTYPES = {1: np.dtype("<f4"), 3: np.dtype("<i4")}


@dataclass
class Node:
    """One NodeDef: its attributes stay undecoded until somebody asks."""

    name: str = ""
    op: str = ""
    inputs: list[str] = field(default_factory=list)
    attributes: dict[str, bytes] = field(default_factory=dict)

    def strides(self) -> list[int]:
        """[vertical, horizontal] of a convolution: AttrValue.list(1).i(3) is the packed [1, v, h, 1]."""
        packed = _one(_one(self.attributes["strides"], 1), 3)
        return [int(packed[1]), int(packed[2])]

    def constant(self) -> Floats:
        """Value of a Const: AttrValue.tensor(8): dtype(1), shape(2).dim(2).size(1), content(4), floats(5)."""
        tensor = dict(_fields(_one(self.attributes["value"], 8)))
        shape = [dict(_fields(dim)).get(1, 0) for n, dim in _fields(tensor.get(2, b"")) if n == 2]
        content = tensor.get(4) or tensor[5]
        values = np.frombuffer(content, _DTYPES[tensor[1]])
        return np.asarray(values.reshape(shape), dtype=np.float32)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(field number, value) of one protocol buffer message: varints as int, the rest as bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        length, at = _varint(data, at) if wire == 2 else ({5: 4, 1: 8}[wire], at)
        yield key >> 3, data[at : at + length]
        at += length


def _one(data: bytes, number: int) -> bytes:
    return next(value for n, value in _fields(data) if n == number)


def read_graph(path: Path) -> dict[str, Node]:
    """Node name -> node of a frozen GraphDef."""
    graph: dict[str, Node] = {}
    for number, message in _fields(path.read_bytes()):
        if number != 1:
            continue
        node = Node()
        for n, value in _fields(message):
            if n == 1:
                node.name = value.decode()
            elif n == 2:
                node.op = value.decode()
            elif n == 3:
                node.inputs.append(value.decode())
            elif n == 5:
                entry = dict(_fields(value))
                node.attributes[entry[1].decode()] = entry[2]
        graph[node.name] = node
    return graph


class Builder:
    """Walks a TensorFlow graph backwards from its outputs and writes the same network in ONNX (NCHW)."""

    def __init__(self, graph: dict[str, Node], source: str, image: str) -> None:
        self.graph = graph
        self.names = {source: image}
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def constant(self, name: str) -> Floats | None:
        """Value of a subgraph that depends on constants only, None for any other."""
        node = self.graph[name]
        if node.op == "Const":
            return node.constant()
        if node.op not in {"Identity", "Add", "Sub", "Mul", "Rsqrt"} or name in self.names:
            return None
        values = [self.constant(i) for i in node.inputs]
        if any(v is None for v in values):
            return None
        with np.errstate(all="ignore"):
            return {
                "Identity": lambda a: a,
                "Add": np.add,
                "Sub": np.subtract,
                "Mul": np.multiply,
                "Rsqrt": lambda a: 1 / np.sqrt(a),
            }[node.op](*values)

    def emit(self, name: str) -> str:
        """Write the node and all it needs; the name of its ONNX value."""
        if name not in self.names:
            node = self.graph[name]
            if node.op == "Identity":
                self.names[name] = self.emit(node.inputs[0])
            elif node.op == "Relu6":
                self.names[name] = self._relu6(self.emit(node.inputs[0]))
            elif node.op == "Add" and self.constant(node.inputs[1]) is None:
                self.names[name] = self.add("Add", [self.emit(i) for i in node.inputs])
            else:
                self.names[name] = self._convolution(node)
        return self.names[name]

    def add(self, op: str, inputs: list[str], **attributes: object) -> str:
        """Append an ONNX node with one output; the name of that output."""
        output = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def weight(self, value: npt.NDArray[np.generic]) -> str:
        """Store a constant; its name."""
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _relu6(self, value: str) -> str:
        return self.add("Clip", [value, self.weight(np.float32(0)), self.weight(np.float32(6))])

    def _convolution(self, node: Node) -> str:
        """A convolution and whatever scales and shifts its channels, as one Conv with a bias."""
        scale, shift = np.float32(1), np.float32(0)
        while node.op in {"Mul", "Add", "BiasAdd"}:
            other = self.constant(node.inputs[1])
            assert other is not None, f"{node.name} is not a batch normalisation"
            if node.op == "Mul":
                scale = scale * other
            else:
                shift = shift + scale * other
            node = self.graph[node.inputs[0]]
        weights = self.constant(node.inputs[1])
        assert weights is not None
        assert node.op in {"Conv2D", "DepthwiseConv2dNative"}, f"{node.name} ({node.op}) is not known here"
        # TensorFlow: (h, w, in, out), depthwise (h, w, in, multiplier 1). ONNX: (out, in, h, w).
        depthwise = node.op == "DepthwiseConv2dNative"
        weights = weights.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        channels = weights.shape[0]
        return self.add(
            "Conv",
            [
                self.emit(node.inputs[0]),
                self.weight(weights * np.broadcast_to(scale, channels).reshape(-1, 1, 1, 1)),
                self.weight(np.broadcast_to(np.float32(shift), channels)),
            ],
            strides=node.strides(),
            auto_pad="SAME_UPPER",
            group=channels if depthwise else 1,
        )


def ssd_to_onnx(path: Path, size: int = 300) -> onnx.ModelProto:
    """SSD MobileNet v2 of the TensorFlow object detection API as ONNX.

    Input `image` (1, 3, size, size) float32, RGB in [-1, 1]. Outputs `boxes` (anchors, 4) float32: encoded
    ty, tx, th, tw; `scores` (anchors, 91) float32: a sigmoid per class, class 0 is the background.
    """
    graph = read_graph(path)
    build = Builder(graph, source="Preprocessor/sub", image="image")
    parts: dict[str, list[str]] = {"BoxEncodingPredictor": [], "ClassPredictor": []}
    widths = {"BoxEncodingPredictor": 4, "ClassPredictor": 91}
    for head, values in parts.items():
        for layer in range(6):
            value = build.emit(f"BoxPredictor_{layer}/{head}/BiasAdd")
            rows = build.add("Transpose", [value], perm=[0, 2, 3, 1])
            shape = build.weight(np.array([-1, widths[head]], np.int64))
            values.append(build.add("Reshape", [rows, shape]))
    outputs = {
        "boxes": build.add("Concat", parts["BoxEncodingPredictor"], axis=0),
        "scores": build.add("Sigmoid", [build.add("Concat", parts["ClassPredictor"], axis=0)]),
    }
    build.nodes += [helper.make_node("Identity", [value], [name]) for name, value in outputs.items()]
    model = helper.make_model(
        helper.make_graph(
            build.nodes,
            "ssd_mobilenet_v2",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, size, size])],
            [
                helper.make_tensor_value_info("boxes", TensorProto.FLOAT, [1917, 4]),
                helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1917, 91]),
            ],
            build.weights,
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    onnx.checker.check_model(model)
    return model
