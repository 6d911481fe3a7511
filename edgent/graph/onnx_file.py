"""Loads and checks an ONNX file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # ships no stubs

from edgent.errors import ModelError
from edgent.graph.external_data import take_in
from edgent.graph.model_file import MAX_MODEL_BYTES, read_model_file
from edgent.graph.own_functions import MOST_NODES, has_too_many_nodes
from edgent.graph.tensor import ITEM_BYTES

if TYPE_CHECKING:
    from pathlib import Path

DTYPES = {int(onnx.helper.np_dtype_to_tensor_dtype(np.dtype(name))): name for name in ITEM_BYTES}
"""NumPy's name of each element type that a tensor at a cut may have, by ONNX's number."""
WEIGHTS_ARE_NO_INPUTS = 4
"""The first IR version in which weights need not be listed among the inputs."""
CONTROL_FLOW = {"If", "Loop", "Scan"}


def load(path: Path) -> tuple[onnx.ModelProto, str]:
    """Load and check an ONNX file, with the external data in its own folder.

    Returns:
        The model and its sha256 in hexadecimal.

    Raises:
        ModelError: the file is missing, too large, no ONNX, or uses what cannot be cut.
    """
    file = read_model_file(path)
    try:
        model = onnx.load_model_from_string(file.content)
        if not model.graph.node:
            raise ModelError(f"{path} holds no graph; export the network to ONNX again")
        if model.ir_version > onnx.IR_VERSION:
            raise ModelError(
                f"{path} has IR version {model.ir_version}, onnx {onnx.__version__} here knows "
                f"{onnx.IR_VERSION} at most: upgrade onnx, or export the network with an older IR version"
            )
        take_in(model, file.external, path, MAX_MODEL_BYTES - len(file.content))
        onnx.checker.check_model(model if file.external else file.content)
    except (DecodeError, onnx.checker.ValidationError, ValueError) as error:
        raise ModelError(
            f"{path} is no valid ONNX file ({len(file.content):,} bytes): {_first_line(error)}; "
            "fetch or export it again"
        ) from error
    if has_too_many_nodes(model):
        raise ModelError(
            f"{path} comes to more than {MOST_NODES:,} nodes where its functions are written out; "
            "use a smaller network"
        )
    loops = sorted({node.op_type for node in model.graph.node} & CONTROL_FLOW)
    if loops:
        raise ModelError(
            f"{path} holds control flow ({', '.join(loops)}), which cannot be cut; export with batch 1 "
            "and let onnxruntime fold it (SessionOptions.optimized_model_filepath at ORT_ENABLE_BASIC)"
        )
    return model, file.sha256


def editable_copy(network: onnx.ModelProto) -> onnx.ModelProto:
    """A copy into which new weights can be put."""
    model = onnx.ModelProto()
    model.CopyFrom(network)
    model.ir_version = max(model.ir_version, WEIGHTS_ARE_NO_INPUTS)
    return model


def graph_inputs(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    """The inputs proper: older files list the weights among them."""
    weights = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in weights]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
