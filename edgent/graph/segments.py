"""Segments of the network as ONNX files, in the cache on disk.

Where the cache has a segment, onnxruntime opens it and ``onnx`` is not imported.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from edgent.errors import PlanError
from edgent.graph.cache import model_folder, short_digest, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.tensor import Tensor

_LOG = logging.getLogger(__name__)


class Segments:
    """The segments of one network as ONNX files, cut when first asked for.

    A file's bytes depend on the model and the cut alone, so archives made from it are reproducible; a dynamic
    batch stays dynamic.
    """

    def __init__(self, graph: BranchyGraph, cache: Path | None = None) -> None:
        self.graph = graph
        self.folder = model_folder(graph.sha256, cache)
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
        file = self.folder / f"segment-{short_digest(first.name, last.name)}.onnx"
        if not file.exists():
            _LOG.info("cutting layers [%d, %d) of %s into %s", start, stop, path.exit_name, file)
            write_whole(file, self._cut(first, last))
        return file

    def _cut(self, first: Tensor, last: Tensor) -> bytes:
        if self._cutter is None:
            from edgent.graph.cutter import Cutter  # noqa: PLC0415  imports onnx, which a warm cache spares

            self._cutter = Cutter(self.graph)
        content: bytes = self._cutter.cut(first, last)
        return content
