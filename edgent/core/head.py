"""What a head does with bytes: requests in, statuses and answers out, whoever carries them.

A bad request is answered with a reason and harms nobody else; those of one shape run as one batch.
"""

import hashlib
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import numpy as np

from edgent.core.codecs import CODECS
from edgent.core.providers import CPU, ProviderOptions
from edgent.core.refusal import OK, Answer, refuse
from edgent.core.segment import Segment
from edgent.core.wire import LARGEST_TENSOR_BYTES, Frame, read_frame, write_frame
from edgent.errors import FrameError, InputError, ModelError, WireVersionError

_TIMED_RUNS = 5
_LEAST_ITEM_BYTES = 4  # an element passes through a 32-bit float on its way


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
        least_compute_s: what one input takes at the very least; with less time left, computing is in vain.
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
        self._config = config
        self._segment = Segment(
            model,
            providers=config.providers,
            provider_options=config.provider_options,
            threads=config.threads,
        )
        item_bytes = max(self._segment.input_dtype.itemsize, _LEAST_ITEM_BYTES)
        input_bytes = int(np.prod(self._segment.input_shape)) * item_bytes
        self._largest_tensor_bytes = min(config.largest_batch * input_bytes, LARGEST_TENSOR_BYTES)
        self._segment.warm_up()
        self.least_compute_s = self._time_one_input()

    def answer(self, bodies: Sequence[object]) -> list[Answer]:
        """The answers to some requests, in their order.

        Args:
            bodies: one frame each, if all is well.
        """
        requests = [self._read(body) for body in bodies]
        started_s = time.perf_counter()
        outputs = self._run(requests)
        compute_s = time.perf_counter() - started_s
        return [
            self._write(outputs[index], request, compute_s) if isinstance(request, Frame) else request
            for index, request in enumerate(requests)
        ]

    def _read(self, body: object) -> Frame | Answer:
        """The frame of a request, or why it is refused."""
        try:
            frame = self._checked_frame(body)
        except (WireVersionError, ModelError) as error:
            return refuse(HTTPStatus.CONFLICT, error)
        except (FrameError, InputError) as error:
            return refuse(HTTPStatus.BAD_REQUEST, error)
        if frame.tensor.shape[0] and 0 < frame.seconds < self.least_compute_s:
            return refuse(
                HTTPStatus.GATEWAY_TIMEOUT,
                f"{frame.seconds * 1e3:.3f} ms are left, "
                f"{self._config.name} takes {self.least_compute_s * 1e3:.3f}",
            )
        return frame

    def _checked_frame(self, body: object) -> Frame:
        name, identity, segment = self._config.name, self._config.identity, self._segment
        if not isinstance(body, (bytes, bytearray)):
            raise FrameError(f"send one frame as application/octet-stream, not {type(body).__name__}")
        frame = read_frame(body, self._largest_tensor_bytes)
        if frame.identity != identity:
            raise ModelError(
                f"{name} here has identity {identity.hex()}, the request asks for "
                f"{frame.identity.hex()}: device and archives must come from the same model"
            )
        tensor = frame.tensor
        if tensor.ndim == 0 or tensor.shape[1:] != segment.input_shape:
            raise InputError(f"{name} takes a batch of shape {segment.input_shape}, not {tensor.shape}")
        if tensor.dtype != segment.input_dtype:
            raise InputError(f"{name} takes {segment.input_dtype}, not {tensor.dtype}")
        return frame

    def _run(self, requests: Sequence[Frame | Answer]) -> dict[int, np.ndarray]:
        """Outputs by the request's place; requests of one batch size run together."""
        by_size: dict[int, dict[int, np.ndarray]] = defaultdict(dict)
        for index, request in enumerate(requests):
            if isinstance(request, Frame):
                by_size[request.tensor.shape[0]][index] = request.tensor
        outputs: dict[int, np.ndarray] = {}
        for size, tensors in by_size.items():
            if size == 0:  # a device asks whether the head is ready and of its model
                outputs |= dict.fromkeys(tensors, np.zeros(0, np.float32))
                continue
            batch = tuple(tensors.values())
            output = self._segment.run(batch[0] if len(batch) == 1 else np.concatenate(batch))
            for place, index in enumerate(tensors):
                outputs[index] = output[place * size : (place + 1) * size]
        return outputs

    def _write(self, output: np.ndarray, request: Frame, compute_s: float) -> Answer:
        codec = CODECS.answering(request.answer_codec or "float32", output.dtype)
        identity, number = self._config.identity, request.number
        try:
            return OK, write_frame(Frame(output, codec, identity, seconds=compute_s, number=number))
        except FrameError as error:
            return refuse(HTTPStatus.BAD_REQUEST, error)

    def _time_one_input(self) -> float:
        zeros = np.zeros((1, *self._segment.input_shape), self._segment.input_dtype)
        times_s = []
        for _ in range(_TIMED_RUNS):
            began_s = time.perf_counter()
            self._segment.run(zeros)
            times_s.append(time.perf_counter() - began_s)
        return min(times_s)
