"""What a device tells Prometheus: what becomes of its requests, and what it believes of edges and links."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary, start_http_server

from device_runtime.choosing.promised_accuracy import promised_accuracy
from device_runtime.watching.gauges import EdgeGauges, HeatGauges
from device_runtime.watching.heat import SYSTEM
from edgent import errors
from edgent.errors import EdgeError, InputError
from edgent.host import authority

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from device_runtime.answer import Answer
    from device_runtime.runtime import DeviceRuntime
    from edgent.inputs import GivenInput

LOOPBACK = "127.0.0.1"
DEVICE = "device"
"""Who answered where no edge took part."""
_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)
_RATIOS = (0.25, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
_KINDS = frozenset(
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, EdgeError)
)


class DeviceMetrics:
    """A watcher that counts answers for Prometheus.

    All series are bounded: labels are the spec's exits, codecs and edges, partition points and kinds of
    errors, never free text.

    Attributes:
        registry: holds them, and nothing else.

    >>> metrics = DeviceMetrics(runtime)                      # doctest: +SKIP
    >>> metrics.serve(9100)                                   # doctest: +SKIP
    >>> metrics.answered(0, item, runtime.infer(item.content))   # doctest: +SKIP
    """

    def __init__(self, runtime: DeviceRuntime, *, system: Path = SYSTEM) -> None:
        """Count from nothing.

        Args:
            runtime: whose answers will be counted.
            system: where Linux shows its temperatures.
        """
        self.registry = CollectorRegistry()
        self.registry.register(EdgeGauges(runtime.edges))
        self.registry.register(HeatGauges(system))
        self._promised = partial(promised_accuracy, runtime)
        self._stop_serving: Callable[[], None] | None = None
        self._define()
        for kind in _KINDS:
            self._errors.labels(kind)  # or a rate would not know of the first one
        for by in (DEVICE, *(edge.name for edge in runtime.edges)):
            self._answered.labels(by)
        for exit_name in runtime.network.spec.exit_names:
            self._left_early.labels(exit_name)

    def _define(self) -> None:
        """Name every count; the names of counters get ``_total`` behind them."""
        within: Any = {"namespace": "edgent", "subsystem": "device", "registry": self.registry}

        def counter(name: str, says: str, *labels: str) -> Counter:
            return Counter(name, says, labels, **within)

        def histogram(name: str, says: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(name, says, buckets=buckets, **within)

        by_plan = ("exit", "start", "stop", "codec_up", "codec_down")
        self._answers = counter("answers", "Answers by the plan that was carried out.", *by_plan)
        self._answered = counter("answered", "Answers by the edge that took part, or the device.", "by")
        self._not_answered = counter("not_answered", "Inputs that could not be read or run as asked.")
        self._late = counter("late", "Answers later than their requirement.")
        self._left_early = counter("left_early", "Inputs that an exit was sure of, by that exit.", "exit")
        self._errors = counter("edge_errors", "Why an edge that was asked did not answer.", "kind")
        self._lost = counter("edges_lost", "Times that an edge was left alone from then on.")
        self._switches = counter("plan_switches", "Times that another plan was chosen than before.")
        self._drifts = counter("drifts", "Exits at which inputs leave otherwise than the exit rule expects.")
        self._bytes = counter("bytes", "On connections, headers included.", "direction")
        self._stages = counter("stage_seconds", "Where the time of requests went.", "stage")
        self._accuracy = Summary("promised_accuracy", "Measured accuracy of what answered, 0 to 1.", **within)
        self._latency = histogram("latency_seconds", "From the input to its answer.", _SECONDS)
        self._predicted = histogram("predicted_latency_seconds", "The same as planned.", _SECONDS)
        self._ratio = histogram("latency_ratio", "Measured over predicted latency.", _RATIOS)
        self._requirement = Gauge("latency_requirement_seconds", "Of the latest request.", **within)
        self._factor = Gauge("factor", "Measured over profiled time of a node's layers.", ["node"], **within)

    def answered(self, index: int, item: GivenInput, answer: Answer) -> None:
        """Count an answer."""
        self._count_plan(answer)
        self._latency.observe(answer.latency_s)
        if answer.predicted_s:
            self._predicted.observe(answer.predicted_s)
            self._ratio.observe(answer.latency_s / answer.predicted_s)
        for stage, seconds in answer.stages_s.items():
            self._stages.labels(stage).inc(max(seconds or 0.0, 0.0))
        self._bytes.labels("up").inc(answer.timeline.sent_bytes)
        self._bytes.labels("down").inc(answer.timeline.received_bytes)
        self._requirement.set(answer.latency_requirement_s)
        self._factor.labels("device").set(answer.device_factor)
        self._factor.labels("edge").set(answer.edge_factor)

    def _count_plan(self, answer: Answer) -> None:
        """Count which plan answered, how well, and what happened on the way."""
        plan = answer.plan
        codecs = (plan.codec_up, plan.codec_down) if plan.remote else ("", "")
        self._answers.labels(plan.exit, plan.start, plan.stop, *codecs).inc()
        self._answered.labels(answer.edge or DEVICE).inc()
        self._late.inc(not answer.met_requirement)
        promised = self._promised(answer)
        if promised is not None:
            self._accuracy.observe(promised)
        if answer.left_early:
            self._left_early.labels(plan.exit).inc()
        if answer.edge_error is not None:
            self._errors.labels(error_kind(answer.edge_error)).inc()
        self._lost.inc(answer.edge_lost is not None)
        self._switches.inc(answer.switched is not None)
        self._drifts.inc(answer.drift is not None)

    def broken(self, index: int, item: GivenInput) -> None:
        """Count an input that was not answered."""
        self._not_answered.inc()

    def serve(self, port: int, host: str = LOOPBACK) -> int:
        """Answer Prometheus, in a thread, until this is closed.

        Args:
            port: where to listen; 0: any that is free.
            host: address of this machine to listen at; nobody is asked for a token there.

        Returns:
            The port.

        Raises:
            InputError: nothing can listen there.
        """
        try:
            server, thread = start_http_server(port, host, self.registry)
        except OSError as error:
            raise InputError(
                f"metrics cannot be served at {authority(host, port)} ({error.strerror}): name another port "
                "or address, or end what listens there"
            ) from None

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        self._stop_serving = stop
        return int(server.server_port)

    def close(self) -> None:
        """End the answers to Prometheus; again does nothing."""
        if self._stop_serving is not None:
            self._stop_serving()
            self._stop_serving = None


def error_kind(edge_error: str) -> str:
    """Which kind of error an answer tells of; the most general one where it begins with none."""
    kind = edge_error.partition(":")[0]
    return kind if kind in _KINDS else EdgeError.__name__
