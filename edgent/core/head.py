"""A head with bytes alone: one window that an archive holds whole, loaded before the first request."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from edgent.core.answering import answer_requests
from edgent.core.frame_exits import ExitsToAsk
from edgent.core.providers import CPU, ProviderOptions
from edgent.core.refusal import Answer
from edgent.core.segment import Segment
from edgent.core.window import LoadedWindow, Window
from edgent.core.window_counts import WindowCounts
from edgent.core.worker_time import WorkerTime
from edgent.errors import ModelError


@dataclass(frozen=True)
class HeadConfig:
    """What an archive says about its head.

    Attributes:
        name: the head's.
        identity: which head of which model, as frames carry it.
        onnx_sha256: digest of the head's ONNX file.
        largest_batch: inputs in one request at most.
        providers: onnxruntime's execution providers.
        provider_options: what they are told, by their names.
        threads: of one run.
    """

    name: str
    identity: bytes
    onnx_sha256: str
    largest_batch: int
    providers: tuple[str, ...] = (CPU,)
    provider_options: ProviderOptions = field(default_factory=dict)
    threads: int = 1


class Head:
    """A loaded head.

    Attributes:
        counts: what became of its requests.
    """

    def __init__(self, model: bytes, config: HeadConfig) -> None:
        """Load the head and run it warm.

        Args:
            model: its ONNX file.
            config: what the archive says about it.

        Raises:
            ModelError: the file is not the one that the archive was built with, or cannot be loaded.
            ProviderError: a provider is not there, or does not start.
        """
        if hashlib.sha256(model).hexdigest() != config.onnx_sha256:
            raise ModelError(f"head.onnx of {config.name} is damaged: build the archive again")
        segment = Segment(
            model,
            providers=config.providers,
            provider_options=config.provider_options,
            threads=config.threads,
        )
        shape, dtype = segment.input_shape, segment.input_dtype
        self._window = Window(config.name, config.identity, shape, dtype, config.largest_batch)
        self._loaded = LoadedWindow(self._window, segment)
        self._time = WorkerTime()
        self.counts = WindowCounts()

    @property
    def largest_tensor_bytes(self) -> int:
        """What the inputs of one request take at most."""
        return self._window.largest_tensor_bytes

    def find(self, identity: bytes) -> Window:
        """The head's only window.

        Raises:
            ModelError: the identity is of another head or model.
        """
        if identity != self._window.identity:
            raise ModelError(
                f"{self._window.name} here has identity {self._window.identity.hex()}, the request asks for "
                f"{identity.hex()}: device and archives must come from the same model"
            )
        return self._window

    def loaded(self, window: Window) -> LoadedWindow:
        """The head, which was loaded before the first request."""
        return self._loaded

    def pieced(self, window: Window, to_ask: ExitsToAsk) -> None:
        """A head holds no exits' branches: it is run whole, and nobody is asked."""

    def answer(self, bodies: Sequence[object]) -> list[Answer]:
        """The answers to some requests, in their order."""
        return answer_requests(bodies, self, self._time, self.counts)
