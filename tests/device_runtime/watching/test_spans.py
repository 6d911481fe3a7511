"""OpenTelemetry's spans of a request, as a program collects them, and the trace's id on the wire."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from device_runtime import DeviceRuntime
from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import AddressBook
from device_runtime.exchange.edge_client import EdgeClient
from device_runtime.exchange.grpc_exchange import GrpcConnection
from device_runtime.exchange.http_exchange import HttpConnection
from device_runtime.watching.spans import TRACEPARENT_BYTES, request_span, traceparent
from edgent.errors import InputError, MissingExtraError
from edgent.planning.plan import Plan
from edgent.shipped import copy_pipeline
from tests.http2_peer import Peer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from opentelemetry.sdk.trace import ReadableSpan

    from edgent.network import Network

PLAN = Plan.parse("exit2:p3:uint8")
IMAGE = np.zeros((3, 8, 8), np.uint8)
PARENT = f"00-{'a' * 32}-{'b' * 16}-01"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.fixture(scope="session")
def provider() -> TracerProvider:
    """What a program sets up once, and cannot change."""
    provider = TracerProvider()
    trace.set_tracer_provider(provider)
    return provider


@pytest.fixture
def spans(provider: TracerProvider) -> Iterator[Callable[[], dict[str, ReadableSpan]]]:
    """The spans that ended since the test began, by their names."""
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield lambda: {span.name: span for span in exporter.get_finished_spans()}
    exporter.shutdown()  # what other tests ask is not kept


def _seconds(span: ReadableSpan, root: ReadableSpan) -> tuple[float, float]:
    """When a span began and ended, from when its request did."""
    assert span.start_time is not None
    assert span.end_time is not None
    assert root.start_time is not None
    return (span.start_time - root.start_time) / 1e9, (span.end_time - root.start_time) / 1e9


def test_a_request_and_its_stages(
    scene: Callable[..., Any], spans: Callable[[], dict[str, ReadableSpan]]
) -> None:
    """The exchange holds what the edge did, the tail comes behind it, all of one trace."""
    made = scene(PLAN)
    made.edge.script.append(made.answers(PLAN, 0.02))
    answer = made.runtime.infer(IMAGE, 1.0)
    found = spans()
    root = found["edgent.infer"]
    assert set(found) == {"edgent.infer", "edgent.exchange", "edgent.edge", "edgent.decode", "edgent.device"}
    for span in found.values():
        assert span.context is not None
        assert root.context is not None
        assert span.context.trace_id == root.context.trace_id
    times = answer.timeline
    exchange, edge, decode, device = (
        _seconds(found[f"edgent.{name}"], root) for name in ("exchange", "edge", "decode", "device")
    )
    assert exchange == pytest.approx((0.0, times.network_s + times.edge_s), abs=1e-6)
    assert edge == pytest.approx((times.network_s / 2, times.network_s / 2 + times.edge_s), abs=1e-6)
    assert decode[0] == pytest.approx(exchange[1], abs=1e-6)
    assert device == pytest.approx((decode[1], decode[1] + times.tail_s), abs=1e-6)
    assert root.attributes is not None
    assert root.attributes["edgent.plan"] == "exit2:p3:uint8"
    assert root.attributes["edgent.met_requirement"] is True
    assert "edgent.edge_error" not in root.attributes


def test_an_answer_of_the_device(
    scene: Callable[..., Any], spans: Callable[[], dict[str, ReadableSpan]]
) -> None:
    """No exchange; why is an attribute."""
    made = scene(PLAN)
    made.edge.script.append(made.answers(PLAN, 60.0))
    made.runtime.infer(IMAGE, 0.1)
    found = spans()
    assert "edgent.exchange" not in found
    attributes = found["edgent.infer"].attributes
    assert attributes is not None
    assert str(attributes["edgent.edge_error"]).startswith("EdgeTimeoutError")


def test_a_request_that_is_wrong(
    scene: Callable[..., Any], spans: Callable[[], dict[str, ReadableSpan]]
) -> None:
    """Its span ends with the error."""
    with pytest.raises(InputError):
        scene(PLAN).runtime.infer(np.zeros((1, 1), np.uint8))
    assert [event.name for event in spans()["edgent.infer"].events] == ["exception"]


def test_it_is_part_of_the_programs_own_trace(
    scene: Callable[..., Any], spans: Callable[[], dict[str, ReadableSpan]]
) -> None:
    """Where the program has a span of its own around it."""
    made = scene(Plan("exit1", 0))
    with trace.get_tracer("program").start_as_current_span("frame") as own:
        made.runtime.infer(IMAGE)
    parent = spans()["edgent.infer"].parent
    assert parent is not None
    assert parent.span_id == own.get_span_context().span_id


@pytest.mark.usefixtures("provider")
def test_the_header_names_the_request_under_way() -> None:
    """As the W3C has it; none where no request is."""
    assert traceparent() == ""
    with request_span():
        version, trace_id, span_id, flags = traceparent().split("-")
        context = trace.get_current_span().get_span_context()
    assert version == "00"
    assert int(flags, 16) & 1  # it is recorded
    assert (int(trace_id, 16), int(span_id, 16)) == (context.trace_id, context.span_id)
    assert len(f"traceparent: {PARENT}\r\n") == TRACEPARENT_BYTES == 70


def test_over_http(scripted: Any) -> None:
    """One header line more, which counts as sent."""
    seen = []

    def handle(connection: socket.socket) -> None:
        for _ in range(2):
            seen.append(connection.recv(65536))
            connection.sendall(OK)

    connection = HttpConnection(scripted(handle).url)
    deadline = Deadline.after(30)
    without = connection.predict("head", None, b"body", deadline)
    traced = connection.predict("head", None, b"body", deadline, trace=PARENT)
    connection.close()
    assert b"traceparent" not in seen[0]
    assert f"\r\ntraceparent: {PARENT}\r\n".encode() in seen[1]
    assert traced.sent_bytes - without.sent_bytes == TRACEPARENT_BYTES


def test_over_grpc(scripted: Any) -> None:
    """As metadata, which never pushes the token out of what HTTP/2 remembers: later calls stay as short."""
    seen = []

    def handle(connection: socket.socket) -> None:
        peer = Peer(connection)
        for _ in range(60):
            stream, _message = peer.take_call()
            seen.append(peer.headers.get("traceparent"))
            peer.answer(stream, b"\0\0\0\0\2\x0a\0")

    connection = GrpcConnection(scripted(handle).url.replace("http:", "grpc:"))
    deadline = Deadline.after(30)
    parents = [f"00-{number:032x}-{number:016x}-01" for number in range(1, 61)]
    sent = [
        connection.predict("head", "a-token", b"body", deadline, trace=parent).sent_bytes
        for parent in parents
    ]
    connection.close()
    assert seen == parents
    assert max(sent[1:]) - min(sent[1:]) < TRACEPARENT_BYTES


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize("traced", [True, False])
def test_only_where_the_spec_asks_for_it(scripted: Any, tiny_network: Network, traced: bool) -> None:
    """A client that is told to; its probes say nothing."""
    seen = []

    def handle(connection: socket.socket) -> None:
        for _ in range(2):
            seen.append(connection.recv(65536))
            connection.sendall(OK)

    client = EdgeClient(scripted(handle).url, traced=traced)
    address = AddressBook(tiny_network).head("tiny-p03")
    deadline = Deadline.after(30)
    with request_span():
        parent = traceparent()
        frame = client.write_request(address, IMAGE[np.newaxis], "raw", "float32", 1.0)
        client.exchange(address, frame, deadline)
        client.clocks.not_told("edgent-probe")
        client.probe(100, 0, deadline)
    client.close()
    assert (f"traceparent: {parent}".encode() in seen[0]) is traced
    assert b"traceparent" not in seen[1]


def test_it_costs_nothing_where_nobody_imports_it() -> None:
    """A device that has the package, but a program that does not ask for it, loads none of it."""
    code = (
        "import sys, device_runtime.runtime, device_runtime.watching.spans as spans\n"
        "with spans.request_span() as span: span.answered(None)\n"
        "assert spans.traceparent() == ''\n"
        "print(*(name for name in sys.modules if name.startswith('opentelemetry')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == []


def test_plans_count_with_the_header(tmp_path: Path) -> None:
    """Whatever asks an edge has so many bytes more to send; there is no edge here, which changes nothing."""
    spec = copy_pipeline("lenet", tmp_path)
    declared = yaml.safe_load(spec.read_text(encoding="utf-8"))
    nowhere, cache = "http://127.0.0.1:1", tmp_path / "cache"
    sent = []
    for traced in (False, True):
        spec.write_text(yaml.safe_dump(declared | {"device": {"trace": traced}}), encoding="utf-8")
        with DeviceRuntime.open(spec, inference_url=nowhere, cache=cache) as runtime:
            assert runtime.calibration is not None
            table = runtime.calibration.profiled
            sent.append(table.size_bytes[0][table.remote])
    assert sent[1] - sent[0] == pytest.approx(np.full(len(sent[0]), TRACEPARENT_BYTES))


def test_it_needs_the_package_where_the_spec_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What installs it is said when the device starts."""
    spec = copy_pipeline("lenet", tmp_path)
    declared = yaml.safe_load(spec.read_text(encoding="utf-8"))
    spec.write_text(yaml.safe_dump(declared | {"device": {"trace": True}}), encoding="utf-8")
    monkeypatch.setattr("edgent.extras.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"opentelemetry .*edgent\[traces\]"):
        DeviceRuntime.open(spec, plan="exit1:p0")
