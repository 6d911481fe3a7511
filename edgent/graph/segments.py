"""Cut segments out of the network and keep them, with the network's description, in a cache on disk.

A warm cache answers without importing ``onnx``: the description is JSON, a segment is a file that onnxruntime
opens. Both belong to the sha256 of the model file, so a new model never meets an old segment.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgent.errors import ModelError, PlanError
from edgent.graph.branchy_graph import BranchyGraph, ExitPath, Layer, Tensor
from edgent.graph.model_file import read_model_file

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOG = logging.getLogger(__name__)
FORMAT = 2  # of the description and of the rules that find layers; raise it when either changes


def default_cache() -> Path:
    """``$XDG_CACHE_HOME/edgent``, by default ``~/.cache/edgent``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edgent"


def read_graph(
    path: Path | str, exits: Sequence[str] | None = None, cache: Path | None = None
) -> BranchyGraph:
    """Read the network, from the cache where this very file was read before.

    Args:
        path: the ONNX file.
        exits: its outputs that are exits, shallow to deep; all outputs when None.
        cache: folder for descriptions and segments; :func:`default_cache` when None.

    Raises:
        ModelError: as :meth:`BranchyGraph.read`; or the cache cannot be written.
    """
    path = Path(path)
    key = "all" if exits is None else _digest(*exits)
    _, sha256 = read_model_file(path)
    described = _folder(sha256, cache) / f"graph-{key}.json"
    graph = _from_description(described, path, sha256)
    if graph is None:
        graph = BranchyGraph.read(path, exits)
        _write(described, json.dumps(_description(graph)).encode())
    return graph


class Segments:
    """The segments of one network as ONNX files, cut when first asked for.

    A file's bytes depend on the model and the cut alone, so archives made from it are reproducible; a dynamic
    batch stays dynamic.
    """

    def __init__(self, graph: BranchyGraph, cache: Path | None = None) -> None:
        self.graph = graph
        self.folder = _folder(graph.sha256, cache)
        self._cutter: Any = None

    def head(self, exit_index: int, partition_point: int) -> Path:
        """Layers [0, p) of a path: one file for all exits that share them."""
        return self.segment(exit_index, 0, partition_point)

    def tail(self, exit_index: int, partition_point: int) -> Path:
        """Layers [p, N) of a path."""
        return self.segment(exit_index, partition_point, len(self.graph.paths[exit_index].layers))

    def segment(self, exit_index: int, start: int, stop: int) -> Path:
        """Layers [start, stop) of a path.

        Raises:
            PlanError: the path has no such partition points, or no layer lies between them.
            ModelError: it cannot be cut or written.
            StaleFileError: the model file has changed since the graph was read.
        """
        path = self.graph.paths[exit_index]
        first, last = path.cut(start), path.cut(stop)
        if start >= stop:
            raise PlanError(
                f"layers [{start}, {stop}) of {path.exit_name!r} are none: start must come before stop"
            )
        file = self.folder / f"segment-{_digest(first.name, last.name)}.onnx"
        if not file.exists():
            _LOG.info("cutting layers [%d, %d) of %s into %s", start, stop, path.exit_name, file)
            _write(file, self._cut(first, last))
        return file

    def _cut(self, first: Tensor, last: Tensor) -> bytes:
        if self._cutter is None:
            from edgent.graph.cutter import Cutter  # noqa: PLC0415 - imports onnx, which a warm cache spares

            self._cutter = Cutter(self.graph)
        content: bytes = self._cutter.cut(first, last)
        return content


def _description(graph: BranchyGraph) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "sha256": graph.sha256,
        "source": asdict(graph.source),
        "paths": [
            {
                "exit": path.exit_name,
                "leaves_after": path.leaves_after,
                "layers": [asdict(layer) for layer in path.layers],
            }
            for path in graph.paths
        ],
    }


def _from_description(file: Path, path: Path, sha256: str) -> BranchyGraph | None:
    """The described graph; None where the cache has none, or one that this version cannot read."""
    try:
        saved = json.loads(file.read_bytes())
        if (saved["format"], saved["sha256"]) != (FORMAT, sha256):
            return None
        source = _tensor(saved["source"])
        paths = tuple(
            ExitPath(index, entry["exit"], source, tuple(map(_layer, entry["layers"])), entry["leaves_after"])
            for index, entry in enumerate(saved["paths"])
        )
        return BranchyGraph(path, sha256, source, paths)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _tensor(saved: dict[str, Any]) -> Tensor:
    return Tensor(**{**saved, "shape": tuple(saved["shape"])})


def _layer(saved: dict[str, Any]) -> Layer:
    sequences = {name: tuple(saved[name]) for name in ("nodes", "output_shape", "window", "stride")}
    return Layer(**{**saved, **sequences})


def _digest(*names: str) -> str:
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:16]


def _folder(sha256: str, cache: Path | None) -> Path:
    return (cache or default_cache()) / sha256[:16]


def _write(file: Path, content: bytes) -> None:
    """Write whole or not at all: several processes may fill the cache at once."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as temporary:
            temporary.write(content)
        Path(temporary.name).replace(file)
    except OSError as error:
        raise ModelError(
            f"cannot write the cache {file}: {error.strerror}; set XDG_CACHE_HOME to a writable folder"
        ) from error
