"""A network and the pipeline that serves it, as its archive does, in the test's process."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import numpy as np

from edgent.core.pipeline import LAYERS, Pipeline, PipelineConfig
from edgent.core.wire import Frame, read_frame, window_identity, write_frame
from edgent.graph.pieces import layer_pieces
from edgent.graph.reading import read_branchy_graph
from edgent.graph.segments import Segments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edgent.core.refusal import Answer

LARGEST_BATCH = 4
RANDOM = np.random.default_rng(9)


class Served:
    """A network, and the pipeline that serves it."""

    def __init__(
        self, model: Path, folder: Path, *, memory_bytes: int = 1 << 30, warm: Sequence[tuple[int, int]] = ()
    ) -> None:
        self.graph = read_branchy_graph(model)
        self.segments = Segments(self.graph, folder / "cache")
        self.path = self.graph.paths[-1]
        weights = self.segments.weights()
        files = {LAYERS: layer_pieces(self.segments).to_bytes(), weights.name: weights.read_bytes()}
        for name, content in files.items():
            (folder / name).write_bytes(content)
        self.folder, self.warm = folder, warm
        self.config = PipelineConfig(
            "net",
            self.graph.sha256,
            {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
            LARGEST_BATCH,
            memory_bytes,
            tuple((self.path.cut_tensor(a), self.path.cut_tensor(b)) for a, b in warm),
        )
        self.pipeline = Pipeline(folder, self.config)

    def noise(self, point: int, batch: int = 1) -> np.ndarray:
        """Something that crosses at a partition point of the deepest path."""
        cut = self.path.cut(point)
        return RANDOM.integers(0, 200, (batch, *cut.shape)).astype(cut.dtype)

    def request(self, start: int, stop: int, tensor: np.ndarray, exit_index: int = -1, **said: Any) -> bytes:
        """The frame that asks for layers [start, stop)."""
        path = self.graph.paths[exit_index]
        first, last = path.cut_tensor(start), path.cut_tensor(stop)
        identity = window_identity(self.graph.sha256, first, last)
        return write_frame(Frame(tensor, "raw", identity, "float32", **said))

    def ask(self, *requests: bytes) -> list[Answer]:
        """Ask, and wait until whatever that had loaded is ready."""
        answers = self.pipeline.answer(requests)
        self.pipeline._windows._loader.submit(lambda: None).result(60)
        return answers

    def tensor(self, request: bytes) -> np.ndarray:
        """The answer to a request whose window may be cold."""
        self.ask(request)
        ((status, body),) = self.ask(request)
        assert status is HTTPStatus.OK, body
        return read_frame(body).tensor
