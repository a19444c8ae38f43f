"""Static int8 quantization of a ReLU6 convolutional network, for the export scripts."""

from __future__ import annotations

import player  # noqa: F401 - the first of all: it forbids onnxruntime's telemetry

# isort: split
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

Floats = npt.NDArray[np.float32]


class _Inputs(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, inputs: Iterable[Floats]) -> None:
        self._inputs = iter(inputs)

    def get_next(self) -> dict[str, Floats] | None:
        value = next(self._inputs, None)
        return None if value is None else {"image": value}


def quantize(model: onnx.ModelProto, target: Path, inputs: Iterable[Floats], keep: int) -> None:
    """Write `model` as int8 to `target`, its activation ranges measured on `inputs`.

    The first `keep` convolutions stay fp32: they hold under 1 % of the weights and most of the error.
    Weights are per channel and use 7 of their 8 bits, because without VNNI the AVX2 kernels add two 8-bit
    products in 16 bits and would saturate.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, prepared = Path(folder) / "fp32.onnx", Path(folder) / "prepared.onnx"
        onnx.save(model, source)
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        convolutions = [node.name for node in onnx.load(prepared).graph.node if node.op_type == "Conv"]
        quantize_static(
            prepared,
            target,
            _Inputs(inputs),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Clip", "Add", "Gemm", "GlobalAveragePool"],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=convolutions[:keep],
        )
