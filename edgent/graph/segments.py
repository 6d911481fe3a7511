"""Segments of the network as ONNX files, in the cache on disk.

A segment is a graph that refers to its network's one weights file. Where the cache has both, onnxruntime
opens them and ``onnx`` is not imported.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from edgent.errors import ModelError, PlanError
from edgent.graph.cache import model_folder, short_digest, write_whole
from edgent.graph.locations import external_bytes
from edgent.graph.model_file import MAX_MODEL_BYTES
from edgent.graph.weights_file import LOCATION, WeightsFile, names_no_other_file

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.cutter import Cutter

_LOG = logging.getLogger(__name__)


class Segments:
    """The segments of one network as ONNX files, cut when first asked for.

    A file's bytes depend on the model and the cut alone, so archives made from it are reproducible; a dynamic
    batch stays dynamic.
    """

    def __init__(self, graph: BranchyGraph, cache: Path | None = None) -> None:
        self.graph = graph
        self.folder = model_folder(graph.sha256, cache)
        self._weights = WeightsFile(self.folder)
        self._cutter: Cutter | None = None

    def head(self, exit_index: int, partition_point: int) -> Path:
        """Layers [0, p) of a path: one file for all exits that share them."""
        return self.segment(exit_index, 0, partition_point)

    def tail(self, exit_index: int, partition_point: int) -> Path:
        """Layers [p, N) of a path."""
        return self.segment(exit_index, partition_point, len(self.graph.paths[exit_index].layers))

    def segment(self, exit_index: int, start: int, stop: int) -> Path:
        """Layers [start, stop) of a path: a file to open where it lies, beside the weights.

        A weights file that is missing or damaged is written again, and so is a segment that names another
        file than this.

        Raises:
            PlanError: the path has no such partition points, or no layer lies between them.
            ModelError: it cannot be cut or written.
            StaleFileError: the model file has changed since the graph was read.
        """
        file = self.file_of(exit_index, start, stop)
        self.weights()
        if not _is_good(file):
            path = self.graph.paths[exit_index]
            _LOG.info("cutting layers [%d, %d) of %s into %s", start, stop, path.exit_name, file)
            write_whole(file, self._load().cut(path.cut(start), path.cut(stop)))
        return file

    def weights(self) -> Path:
        """The weights file that all segments refer to.

        Raises:
            ModelError: it cannot be written.
            StaleFileError: the model file has changed since the graph was read.
        """
        if not self._weights.is_good():
            weights = self._load().weights
            if self._weights.path.exists():
                _LOG.warning("%s is damaged; it is written again", self._weights.path)
            self._weights.write(weights)
        return self._weights.path

    def standalone(self, exit_index: int, start: int, stop: int) -> bytes:
        """Layers [start, stop) of a path as an ONNX file that holds its weights itself, as archives have it.

        Raises:
            PlanError, ModelError, StaleFileError: as in ``segment``.
        """
        from edgent.graph.external_data import with_weights  # noqa: PLC0415  imports onnx

        file = self.segment(exit_index, start, stop)
        with self._weights.map() as weights:
            return with_weights(file.read_bytes(), {LOCATION: weights}, file, MAX_MODEL_BYTES)

    def size_bytes(self, file: Path) -> int:
        """What a segment has in all: its own file, and what it takes of the weights file."""
        content = file.read_bytes()
        return len(content) + external_bytes(content)

    def file_of(self, exit_index: int, start: int, stop: int) -> Path:
        """Where layers [start, stop) of a path are kept, or will be.

        Raises:
            PlanError: the path has no such partition points, or no layer lies between them.
        """
        path = self.graph.paths[exit_index]
        first, last = path.cut(start), path.cut(stop)
        if start >= stop:
            raise PlanError(
                f"layers [{start}, {stop}) of {path.exit_name!r} are none: start must come before stop"
            )
        names = first.name, last.name, LOCATION  # an earlier edgent's segments hold their weights
        return self.folder / f"segment-{short_digest(*names)}.onnx"

    def _load(self) -> Cutter:
        if self._cutter is None:
            if not self.graph.path.exists():
                raise ModelError(
                    f"{self.folder} lacks segments or holds damaged ones, and {self.graph.path} is not there "
                    "to cut them from: copy the folder again, or make it anew with `edgent bundle`"
                )
            from edgent.graph.cutter import Cutter  # noqa: PLC0415  imports onnx, which a warm cache spares

            self._cutter = Cutter(self.graph)
        return self._cutter


def _is_good(file: Path) -> bool:
    try:
        content = file.read_bytes()
    except OSError:
        return False
    return content != b"" and names_no_other_file(content)
