"""OpenTelemetry's spans of a request and of its stages, for programs that collect such.

Spans go to whatever the program has set up with OpenTelemetry. A program that never imports it has set up
nothing, and this costs nothing then.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from opentelemetry.trace import Span

    from device_runtime.answer import Answer

TRACEPARENT = "traceparent"
"""The header that carries a trace's id, by the W3C's Trace Context."""
TRACEPARENT_BYTES = len(f"{TRACEPARENT}: 00-{'0' * 32}-{'0' * 16}-01\r\n")
_NS = 1e9
_ON_EDGE = ("queue", "edge")


class RequestSpan:
    """The span of one request."""

    def __init__(self, trace: ModuleType, span: Span, began_ns: int) -> None:
        """Take a span that was opened; nothing is known of its stages yet.

        Args:
            trace: OpenTelemetry's module.
            span: of the request.
            began_ns: when that began, nanoseconds since 1970.
        """
        self._trace, self._span, self._began_ns = trace, span, began_ns

    def answered(self, answer: Answer) -> None:
        """Say what came of the request, and add a span for each stage, one behind the other.

        Of the network's time nobody knows how much lies before and how much behind the edge's: half of it is
        taken to be before.
        """
        if not self._span.is_recording():
            return
        self._span.set_attributes(_attributes(answer))
        tracer, context = self._trace.get_tracer("edgent"), self._trace.set_span_in_context(self._span)
        for name, began_s, ended_s in _stages(answer):
            if ended_s > began_s:
                began_ns, ended_ns = (self._began_ns + round(at_s * _NS) for at_s in (began_s, ended_s))
                tracer.start_span(f"edgent.{name}", context, start_time=began_ns).end(ended_ns)


class _NoSpan:
    """In place of a span where nobody collects any."""

    def answered(self, answer: Answer) -> None:
        """Say nothing."""


_NO_SPAN = _NoSpan()


@contextmanager
def request_span() -> Iterator[RequestSpan | _NoSpan]:
    """The span of a request, for as long as the context lasts."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        yield _NO_SPAN
        return
    began_ns = time.time_ns()
    with trace.get_tracer("edgent").start_as_current_span("edgent.infer", start_time=began_ns) as span:
        yield RequestSpan(trace, span, began_ns)


def traceparent() -> str:
    """The header's value for the request under way; empty where none is traced."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return ""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return ""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def _attributes(answer: Answer) -> dict[str, str | bool | int | float]:
    said: dict[str, str | bool | int | float | None] = {
        "edgent.plan": str(answer.plan),
        "edgent.wanted": str(answer.wanted),
        "edgent.edge": answer.edge,
        "edgent.edge_error": answer.edge_error,
        "edgent.latency_requirement_s": answer.latency_requirement_s,
        "edgent.met_requirement": answer.met_requirement,
        "edgent.predicted_s": answer.predicted_s,
        "edgent.left_early": answer.left_early,
        "edgent.sent_bytes": answer.timeline.sent_bytes,
        "edgent.received_bytes": answer.timeline.received_bytes,
    }
    return {name: value for name, value in said.items() if value is not None}


def _stages(answer: Answer) -> Iterator[tuple[str, float, float]]:
    """Each stage with when it began and ended, seconds from the request's start.

    The exchange is one of them, and around those of the edge.
    """
    taken_s = {name: seconds or 0.0 for name, seconds in answer.stages_s.items()}
    on_edge_s = {name: taken_s.pop(name) for name in _ON_EDGE}
    at_s = 0.0
    for name, seconds in taken_s.items():
        began_s = at_s
        if name == "network":
            at_s += seconds + sum(on_edge_s.values())
            yield "exchange", began_s, at_s
            inner_s = began_s + seconds / 2
            for of_edge, edge_s in on_edge_s.items():
                yield of_edge, inner_s, inner_s + edge_s
                inner_s += edge_s
        else:
            at_s += seconds
            yield name, began_s, at_s
