"""ONNX external data: weights that a model keeps in files beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
from onnx.external_data_helper import uses_external_data

from edgent.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from mmap import mmap
    from pathlib import Path


def take_in(model: onnx.ModelProto, files: Mapping[str, bytes | mmap], path: Path, limit_bytes: int) -> None:
    """Put the bytes of the files into the model's tensors.

    Args:
        model: changed in place.
        files: by location.
        path: the model's file.
        limit_bytes: of all tensors together, which may share bytes of a file.

    Raises:
        ModelError: a tensor lies beyond the end of its file, or there is too much of them.
    """
    total_bytes = 0
    for tensor in _external(model):
        entries = _entries(tensor)
        location = entries.get("location", "")
        data = files.get(location, b"")
        start = int(entries.get("offset", 0))
        stop = start + int(entries.get("length", len(data) - start))
        if not 0 <= start <= stop <= len(data):
            raise ModelError(
                f"{path}: {tensor.name!r} is bytes {start:,} to {stop:,} of {location!r}, "
                f"which has {len(data):,}; fetch or export both files again"
            )
        total_bytes += stop - start
        if total_bytes > limit_bytes:
            raise ModelError(
                f"{path}: its weights have more than {limit_bytes:,} bytes; use a smaller network"
            )
        tensor.raw_data = data[start:stop]
        tensor.ClearField("data_location")
        tensor.ClearField("external_data")


def with_weights(content: bytes, files: Mapping[str, bytes | mmap], path: Path, limit_bytes: int) -> bytes:
    """The bytes of a model that holds its weights itself; see ``take_in``."""
    model = onnx.load_model_from_string(content)
    take_in(model, files, path, limit_bytes)
    whole: bytes = model.SerializeToString(deterministic=True)
    return whole


def _external(model: onnx.ModelProto) -> list[onnx.TensorProto]:
    tensors = [*_tensors(model.graph.node), *model.graph.initializer]
    for function in model.functions:
        tensors.extend(_tensors(function.node))
    return [tensor for tensor in tensors if uses_external_data(tensor)]


def _tensors(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.TensorProto]:
    """The constants that nodes hold, those of their subgraphs among them."""
    for node in nodes:
        for attribute in node.attribute:
            yield attribute.t
            yield from attribute.tensors
            for graph in (attribute.g, *attribute.graphs):
                yield from graph.initializer
                yield from _tensors(graph.node)


def _entries(tensor: onnx.TensorProto) -> dict[str, str]:
    return {entry.key: entry.value for entry in tensor.external_data}
