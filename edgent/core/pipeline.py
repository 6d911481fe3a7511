"""All windows of a network with bytes alone: the graph of each is joined when somebody asks for it."""

import hashlib
import logging
import mmap
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np

from edgent.core.answering import answer_requests
from edgent.core.exit_rules.registry import CONFIDENCES
from edgent.core.frame_exits import ExitsToAsk
from edgent.core.layer_pieces import LayerPieces
from edgent.core.loaded_windows import LoadedWindows
from edgent.core.pieced_window import Piece, PiecedWindow
from edgent.core.providers import CPU, ProviderOptions
from edgent.core.refusal import Answer
from edgent.core.segment import Segment
from edgent.core.window import LoadedWindow, Window, largest_batch_bytes
from edgent.core.window_counts import WindowCounts
from edgent.core.window_exits import Ends, between_exits
from edgent.core.wire import window_identity
from edgent.core.worker_time import WorkerTime
from edgent.errors import InputError, ModelError, NotReadyError

LAYERS = "layers.bin"
"""The archive's file of :class:`~edgent.core.layer_pieces.LayerPieces`; the weights lie beside it."""

_SESSION_BYTES = 256 * 1024
"""What a session takes beside its weights: 0.2 to 0.3 MB where it was measured."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class PipelineConfig:
    """What an archive says about its network.

    Attributes:
        name: the pipeline's.
        model_sha256: which model it is of.
        files: SHA-256 of each file that windows are made from, by name.
        largest_batch: inputs in one request at most.
        memory_bytes: what loaded windows may take, each counted as the weights that it uses and 256 KiB.
        warm: windows to load before the first request while there is memory, the most wanted first, by the
            names of their first and last tensor.
        providers: onnxruntime's execution providers.
        provider_options: what they are told, by their names.
        threads: of one run.
    """

    name: str
    model_sha256: str
    files: dict[str, str]
    largest_batch: int
    memory_bytes: int
    warm: tuple[tuple[str, str], ...] = ()
    providers: tuple[str, ...] = (CPU,)
    provider_options: ProviderOptions = field(default_factory=dict)
    threads: int = 1


class Pipeline:
    """Answers for every window; one that is not loaded says so at once, and is loaded in the background.

    Attributes:
        largest_tensor_bytes: what the inputs of one request take at most.
        counts: what became of requests, by window.
    """

    def __init__(self, folder: Path, config: PipelineConfig) -> None:
        """Check the files and load the warm windows.

        Args:
            folder: holds the files; graphs are written there while they are loaded.
            config: what the archive says about them.

        Raises:
            ModelError: a file is not the one that the archive was built with, or a warm window cannot be
                loaded.
            ProviderError: a provider is not there, or does not start.
        """
        for name, sha256 in config.files.items():
            if _sha256(folder / name) != sha256:
                raise ModelError(f"{name} of {config.name} is damaged: build the archive again")
        self._folder, self._config = folder, config
        self._time = WorkerTime()
        self.counts = WindowCounts()
        self._layers = LayerPieces.from_bytes((folder / LAYERS).read_bytes())
        self._spans = {
            window_identity(config.model_sha256, first, last): span
            for first, last, span in self._layers.spans()
        }
        self.largest_tensor_bytes = max(
            largest_batch_bytes(tensor.shape, np.dtype(tensor.dtype), config.largest_batch)
            for tensor in self._layers.tensors.values()
        )
        self._pieces = lru_cache(maxsize=256)(self._pieces_of)
        self._windows = LoadedWindows(config.memory_bytes, self._size_bytes, self._load)
        for first, last in config.warm:
            window = self.find(window_identity(config.model_sha256, first, last))
            if not self._windows.load_beside(window):
                _LOG.info("%s waits for its first request: there is no memory for it now", window.name)

    def find(self, identity: bytes) -> Window:
        """The window that a request means.

        Raises:
            ModelError: there is none of this identity.
        """
        span = self._spans.get(identity)
        if span is None:
            raise ModelError(
                f"{self._config.name} here has no window of identity {identity.hex()}: device and archives "
                "must come from the same model"
            )
        tensor = self._layers.input_of(span)
        name = f"{self._config.name} {span.exit_name}:p{span.start}-p{span.stop}"
        return Window(name, identity, tensor.shape, np.dtype(tensor.dtype), self._config.largest_batch)

    def loaded(self, window: Window) -> LoadedWindow:
        """A window that can run.

        Raises:
            NotReadyError: it is being loaded.
            ModelError: it could not be loaded; the next request has it tried again.
        """
        return self._windows.get(window)

    def pieced(self, window: Window, to_ask: ExitsToAsk) -> PiecedWindow | None:
        """A window that can run from exit to exit; None while its pieces are being loaded.

        None, too, where there is never memory for the window and its pieces beside each other.

        Raises:
            InputError: the window does not pass such exits, or not in this order.
            UnknownNameError: the measure of confidence is neither edgent's own nor carried by the archive.
            ModelError: a piece could not be loaded; the next request has it tried again.
        """
        if not CONFIDENCES.is_loaded(to_ask.measure):
            raise CONFIDENCES.unknown(to_ask.measure)
        pieces = self._pieces(window, to_ask.branches)
        # Each is looked for, so that all those that are cold are loaded one after the other.
        loaded = {part: self._ready(part) for piece in pieces for part in piece if part is not None}
        if not pieces or None in loaded.values():
            return None
        return PiecedWindow(
            window,
            tuple(Piece(*(None if part is None else loaded[part] for part in piece)) for piece in pieces),
        )

    def _pieces_of(self, window: Window, branches: tuple[bytes, ...]) -> list[tuple[Window | None, ...]]:
        """The windows that lie between exits, each with the exit's own; none where they do not fit."""
        spans = [self._spans.get(identity) for identity in branches]
        if None in spans:
            unknown = branches[spans.index(None)].hex()
            raise InputError(f"{self._config.name} has no such exit: {unknown}")
        asked = [span for span in spans if span is not None]
        between = between_exits(self._layers, self._spans[window.identity], asked)
        pieces = [tuple(ends and self._between(ends) for ends in part) for part in between]
        parts = {window, *(part for piece in pieces for part in piece if part is not None)}
        return pieces if sum(map(self._size_bytes, parts)) <= self._config.memory_bytes else []

    def _between(self, ends: Ends) -> Window:
        return self.find(window_identity(self._config.model_sha256, *ends))

    def _ready(self, window: Window) -> LoadedWindow | None:
        """A window that can run; None while it is being loaded."""
        try:
            return self._windows.get(window)
        except NotReadyError:
            return None

    def answer(self, bodies: Sequence[object]) -> list[Answer]:
        """The answers to some requests, in their order."""
        return answer_requests(bodies, self, self._time, self.counts)

    def _load(self, window: Window) -> LoadedWindow:
        with NamedTemporaryFile(dir=self._folder, suffix=".onnx") as file:  # beside the weights
            file.write(self._layers.graph(self._spans[window.identity]))
            file.flush()
            segment = Segment(
                Path(file.name),
                providers=self._config.providers,
                provider_options=self._config.provider_options,
                threads=self._config.threads,
                shares_memory=True,
            )
        return LoadedWindow(window, segment)

    def _size_bytes(self, window: Window) -> int:
        return self._layers.weight_bytes(self._spans[window.identity]) + _SESSION_BYTES


def _sha256(file: Path) -> str | None:
    """A file's digest; None where it is empty or cannot be read."""
    try:
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return hashlib.sha256(content).hexdigest()
    except (OSError, ValueError):
        return None
