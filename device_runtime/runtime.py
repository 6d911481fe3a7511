"""The device's runtime: one input in, one answer out, with part of the network run on the edge."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from concurrent.futures import wait
from numbers import Real
from threading import Lock
from typing import TYPE_CHECKING

from device_runtime.carrying_out.answering import Answering
from device_runtime.carrying_out.execution import Execution
from device_runtime.carrying_out.preparation import Preparation
from device_runtime.choosing.deciding import Deciding
from device_runtime.early_exits.asking import Asking
from device_runtime.edges.second_edge import SecondEdge
from device_runtime.learning.learning import Learning
from device_runtime.local_exits.rescue import Rescue
from device_runtime.opening import open_parts
from device_runtime.streams.newest import Newest
from device_runtime.streams.pace import Pace
from device_runtime.streams.stream import Device, Stream, Wanted
from device_runtime.watching.spans import request_span
from edgent.errors import InputError, StoppedError
from edgent.plan_check import check_plan
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path
    from types import TracebackType

    from device_runtime.answer import Answer
    from device_runtime.edges.edge_belief import EdgeBelief
    from device_runtime.exchange.exchange_thread import Arrival
    from device_runtime.learning.calibration import Calibration
    from device_runtime.opening import Parts
    from device_runtime.streams.picture import Picture
    from edgent.inputs import Given
    from edgent.planning.policies.policy import Policy

_LOG = logging.getLogger(__name__)


class DeviceRuntime:
    """Answers inputs for one pipeline; an edge that fails or is late costs accuracy, never an answer.

    A runtime may be used from several threads. It answers one request at a time; the time that a request
    waits for those before it counts towards its latency.

    Examples:
        >>> runtime = DeviceRuntime.open("pipelines/alexnet.yaml")        # doctest: +SKIP
        >>> answer = runtime.infer(image, latency_requirement_s=0.1)      # doctest: +SKIP
        >>> answer.label, answer.plan, answer.latency_s, answer.met_requirement   # doctest: +SKIP
    """

    def __init__(
        self,
        parts: Parts,
        clock: Callable[[], float] = time.perf_counter,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Put the parts together.

        Args:
            parts: the network, its edge, its local exits, and what chooses plans.
            clock: monotonic seconds, the same that the parts use.
            pause: waits for so many seconds.
        """
        self.network = parts.network
        self.local_exits = parts.local_exits
        self.edges = parts.edges
        preparation = Preparation(clock, parts.photo)
        self._rescue = rescue = Rescue(parts.network, parts.local_exits, clock, preparation)
        self._execution = Execution(
            parts.network,
            parts.sessions,
            parts.local_exits,
            parts.edges,
            SecondEdge(parts.edges, parts.addresses, parts.network.spec.plans_for, parts.retries, clock),
            rescue,
            clock,
            Asking(parts.sessions, clock, parts.early_exits),
        )
        self._deciding = Deciding(parts, preparation, clock)
        learning = Learning(parts.local_exits, parts.edges)
        self._answering = Answering(parts, self._deciding, self._execution, learning, clock)
        self._clock, self._pause = clock, pause
        self._lock = Lock()
        self._is_closed = False

    @classmethod
    def open(
        cls,
        spec_file: str | Path,
        *,
        plan: Plan | str | None = None,
        policy: Policy | None = None,
        inference_url: str | None = None,
        grpc_url: str | None = None,
        token_file: str | Path | None = None,
        ca_file: str | Path | None = None,
        cache: str | Path | None = None,
    ) -> DeviceRuntime:
        """Start from a spec: measure the link, load and time the local exits.

        Args:
            spec_file: the pipeline's YAML file.
            plan: fixes the plan for every input; its text, such as ``exit2:p3:uint8``, will do.
            policy: decides on a forecast of the bandwidth, in place of what the spec names.
            inference_url: replaces the spec's, and its gRPC address.
            grpc_url: replaces the spec's.
            token_file: replaces the spec's.
            ca_file: replaces the spec's certificate authority, for every edge.
            cache: folder for cut segments.

        Raises:
            SpecError: the spec is wrong.
            ModelError: the ONNX file is not what the spec declares.
            PlanError: the plan does not fit the network, or there is nothing to plan from.
            StaleFileError: a profile or map of another model.
        """
        return cls(
            open_parts(
                spec_file,
                plan=plan,
                policy=policy,
                inference_url=inference_url,
                grpc_url=grpc_url,
                token_file=token_file,
                ca_file=ca_file,
                cache=cache,
            )
        )

    @property
    def edge_error(self) -> str | None:
        """Why edges did not answer when the runtime was opened; None when all did, or none was asked."""
        return self.edges.start_error

    @property
    def calibration(self) -> Calibration | None:
        """Of the first edge's cost table; None where the plan is fixed."""
        return self.edges.first.calibration

    def edge_beliefs(self) -> tuple[EdgeBelief, ...]:
        """What is believed of every edge and of its link now; it waits for the request under way."""
        with self._lock:
            return tuple(edge.belief for edge in self.edges)

    def infer(
        self, image: Given, latency_requirement_s: float | None = None, plan: Plan | str | None = None
    ) -> Answer:
        """Answer one input.

        Args:
            image: an array of shape (*input shape) or (1, *input shape), of the spec's element type; or a
                picture (a path, the bytes of an image file, a Pillow image), which is made an input as the
                spec says, within the latency. Where the spec offers the codec ``file``, a path or bytes may
                go up as they are, and are decoded here only if pixels are needed.
            latency_requirement_s: seconds until the answer is wanted; the spec's when None.
            plan: what to do with this input; the planner's decision when None.

        Raises:
            InputError: the network takes no such input, or the requirement is no time.
            NoFileError: the plan sends a photo's file, and there is none that may go up.
            PlanError: the network has no such plan, or a codec of it does not write such a tensor.
            StoppedError: the runtime is closed. A failing edge raises nothing: a local exit answers, and the
                answer says why.
        """
        with request_span() as span:
            answer = self._infer(image, latency_requirement_s, plan)
            span.answered(answer)
        return answer

    def _infer(self, image: Given, latency_requirement_s: float | None, plan: Plan | str | None) -> Answer:
        plan = plan if plan is None or isinstance(plan, Plan) else Plan.parse(plan)
        requirement_s, input_s = self._requirement_s(latency_requirement_s), self._clock()
        with self._held():
            taken = self._deciding.take(lambda: image, plan, input_s)
            return self._answering.finish(self._answering.begin(taken, plan, requirement_s))

    def stream(
        self,
        frames: Iterable[Given | Picture],
        latency_requirement_s: float | None = None,
        plan: Plan | str | None = None,
        *,
        drops: bool = True,
        fps: float | None = None,
        overlap: bool = True,
        on_broken: Callable[[int, str, str], None] | None = None,
    ) -> Stream:
        """Answer frames as they come, the newest first.

        While a frame is at the edge the device begins with the next one, where that makes no answer late.

        Examples:
            >>> for answer in runtime.stream(camera):                         # doctest: +SKIP
            ...     answer.frame, answer.label, answer.age_s

        Args:
            frames: as `infer` takes them; they are read in a thread of their own, as fast as they come.
            latency_requirement_s: seconds from a frame's capture until its answer is wanted; the spec's when
                None.
            plan: what to do with every frame; the planner's decision when None.
            drops: whether a frame that waits is dropped for a newer one; if not, ``frames`` is read when the
                device is ready for the next one.
            fps: frames per second that are answered at most; None: as many as there is time for. The spec's
                `device.duty` holds beside it.
            overlap: whether the device may begin with a frame while another one is at the edge. With several
                edges it never does: while one answers, another one may be asked beside it.
            on_broken: is told of a frame that cannot be answered: its number, its name, and why. It may ask
                the runtime: no request is under way. A frame is logged when None.

        Raises:
            InputError: the requirement is no time, or ``frames`` is one input and no iterable of them.
            PlanError: the plan is none of the network's.
        """
        plan = plan if plan is None or isinstance(plan, Plan) else Plan.parse(plan)
        wanted = Wanted(self._requirement_s(latency_requirement_s), plan, overlap and len(self.edges) == 1)
        if plan is not None:
            check_plan(self.network, plan)
        device = Device(
            self._deciding,
            self._answering,
            self._held,
            self._clock,
            self._pause,
            _has_ended,
            self.local_exits.quickest_s,
        )
        pace = Pace(self._clock, self.network.spec.device.duty, fps)
        newest = Newest(self._clock, drops=drops)
        return Stream(frames, newest, device, pace, wanted, on_broken or _log_broken)

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """Hold the device for as long as the context lasts; it does one thing at a time.

        Raises:
            StoppedError: the runtime is closed.
        """
        with self._lock:
            if self._is_closed:
                raise StoppedError("the runtime is closed; open another one to answer inputs")
            yield

    def _requirement_s(self, latency_requirement_s: float | None) -> float:
        """The request's requirement, else the spec's."""
        if latency_requirement_s is None:
            return self.network.spec.latency_requirement_s
        is_number = isinstance(latency_requirement_s, Real)
        if not is_number or not 0 < latency_requirement_s < math.inf:
            raise InputError(
                f"a latency requirement of {latency_requirement_s!r} s: give seconds, more than 0"
            )
        return latency_requirement_s

    def close(self) -> None:
        """End the request under way without the edge, and close the connection; again does nothing."""
        self._is_closed = True
        self._rescue.close()
        self.edges.abandon()
        with self._lock:
            self.edges.close()
            self.local_exits.close()

    def __enter__(self) -> DeviceRuntime:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _log_broken(_: int, name: str, error: str) -> None:
    _LOG.warning("%s is left out: %s", name, error)


def _has_ended(under_way: Future[Arrival], seconds: float) -> bool:
    return bool(wait([under_way], seconds).done)
