"""TorchServe handler of one head: an activation in, an activation out.

Flat by TorchServe's rule: one class, nothing relative. It needs ``edgent.core`` and ``edgent.errors`` only,
which the archive carries, so that it runs in a TorchServe without edgent.
"""

import hashlib
import json
import logging
import time
from collections import defaultdict
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np

from edgent.core.segment import Segment
from edgent.core.wire import Frame, read_frame, write_frame
from edgent.errors import FrameError, InputError, ModelError, WireVersionError

_TIMED_RUNS = 5


class HeadHandler:
    """Runs the head on frames; a bad request is answered with a 4xx and a reason, and harms nobody else."""

    def initialize(self, context: Any) -> None:
        """Load the head and run it warm.

        Raises:
            ModelError: the archive's ONNX file is not the one it was built with.
        """
        logging.getLogger().setLevel(logging.WARNING)  # TorchServe's worker writes two lines a request
        folder = Path(context.system_properties["model_dir"])
        head = context.model_yaml_config["edgent"]
        model = (folder / "head.onnx").read_bytes()
        if hashlib.sha256(model).hexdigest() != head["onnx_sha256"]:
            raise ModelError(f"head.onnx of {head['head']} is damaged: build the archive again")
        self.name = head["head"]
        self.identity = bytes.fromhex(head["identity"])
        self.segment = Segment(model, providers=head["providers"], threads=head["threads"])
        one_input_bytes = int(np.prod(self.segment.input_shape)) * max(self.segment.input_dtype.itemsize, 4)
        self.largest_tensor_bytes = head["largest_batch"] * one_input_bytes
        self.segment.warm_up()
        self.least_compute_s = self._least_compute_s()

    def handle(self, data: list[dict[str, Any]], context: Any) -> list[bytes]:
        """Answer a batch of requests; those of one shape run as one batch."""
        answers = [b""] * len(data)
        frames: dict[int, Frame] = {}
        for index, request in enumerate(data):
            try:
                frames[index] = self._read(request.get("body") or request.get("data") or b"")
            except WireVersionError as error:
                answers[index] = self._refuse(context, index, HTTPStatus.CONFLICT, error)
            except (FrameError, InputError) as error:
                answers[index] = self._refuse(context, index, HTTPStatus.BAD_REQUEST, error)
            except ModelError as error:
                answers[index] = self._refuse(context, index, HTTPStatus.CONFLICT, error)
            except TimeoutError as error:
                answers[index] = self._refuse(context, index, HTTPStatus.GATEWAY_TIMEOUT, error)
        started = time.perf_counter()
        outputs = self._run({index: frame.tensor for index, frame in frames.items()})
        compute_s = time.perf_counter() - started
        for index, output in outputs.items():
            codec = frames[index].answer_codec or "float32"
            try:  # no content type: its header would cost 40 bytes, and both sides know a frame
                answers[index] = write_frame(
                    Frame(output, codec, self.identity, seconds=compute_s, number=frames[index].number)
                )
            except FrameError as error:
                answers[index] = self._refuse(context, index, HTTPStatus.BAD_REQUEST, error)
        return answers

    def _read(self, body: Any) -> Frame:
        if not isinstance(body, (bytes, bytearray)):
            raise FrameError(f"send one frame as application/octet-stream, not {type(body).__name__}")
        frame = read_frame(body, self.largest_tensor_bytes)
        if frame.identity != self.identity:
            raise ModelError(
                f"{self.name} here has identity {self.identity.hex()}, the request asks for "
                f"{frame.identity.hex()}: device and archives must come from the same model"
            )
        tensor = frame.tensor
        if tensor.ndim == 0 or tensor.shape[1:] != self.segment.input_shape:
            raise InputError(
                f"{self.name} takes a batch of shape {self.segment.input_shape}, not {tensor.shape}"
            )
        if tensor.dtype != self.segment.input_dtype:
            raise InputError(f"{self.name} takes {self.segment.input_dtype}, not {tensor.dtype}")
        if tensor.shape[0] and 0 < frame.seconds < self.least_compute_s:
            raise TimeoutError(
                f"{frame.seconds * 1e3:.3f} ms are left, {self.name} takes {self.least_compute_s * 1e3:.3f}"
            )
        return frame

    def _least_compute_s(self) -> float:
        """What one input takes at the very least; with less time left, computing is in vain."""
        zeros = np.zeros((1, *self.segment.input_shape), self.segment.input_dtype)
        times = []
        for _ in range(_TIMED_RUNS):
            began = time.perf_counter()
            self.segment.run(zeros)
            times.append(time.perf_counter() - began)
        return min(times)

    def _run(self, tensors: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
        """Outputs by request; requests of one batch size run together."""
        by_size: dict[int, list[int]] = defaultdict(list)
        for index, tensor in tensors.items():
            by_size[tensor.shape[0]].append(index)
        outputs: dict[int, np.ndarray] = {}
        for size, members in by_size.items():
            if size == 0:  # a device asks whether the head is ready and of its model
                outputs |= dict.fromkeys(members, np.zeros(0, np.float32))
                continue
            batch = tensors[members[0]]
            if len(members) > 1:
                batch = np.concatenate([tensors[index] for index in members])
            output = self.segment.run(batch)
            for place, index in enumerate(members):
                outputs[index] = output[place * size : (place + 1) * size]
        return outputs

    @staticmethod
    def _refuse(context: Any, index: int, status: HTTPStatus, reason: Exception) -> bytes:
        context.set_response_status(status.value, status.phrase, index)
        context.set_response_content_type(index, "application/json")
        return json.dumps({"code": status.value, "message": str(reason)}).encode()
