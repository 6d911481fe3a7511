"""What Prometheus is told of a device's answers."""

from __future__ import annotations

import math
import shutil
import socket
import subprocess
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from device_runtime.answer import Answer
from device_runtime.edges.edges import Edge
from device_runtime.timeline import Timeline
from device_runtime.watching.gauges import EdgeGauges
from device_runtime.watching.metrics import DeviceMetrics, error_kind
from edgent.errors import InputError
from edgent.inputs import GivenInput
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.stages import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PLAN = Plan.parse("exit2:p3:uint8")
ITEM = GivenInput("a", np.zeros(1))
TIMES = Timeline({Step.ENCODE_UP: 0.001, Step.RUN_EDGE: 0.002}, 0.02, 300, 200, queue_s=0.004)
ANSWER = Answer("1", 1, np.array([0.0, 1.0]), PLAN, PLAN, 0.04, 0.1, TIMES, edge="here", predicted_s=0.05)


class Told:
    """The metrics of a runtime with a scripted edge, as Prometheus reads them."""

    def __init__(self, runtime: Any, system: Path) -> None:
        self.metrics = DeviceMetrics(runtime, system=system)

    def answered(self, answer: Answer) -> None:
        """An input was answered."""
        self.metrics.answered(0, ITEM, answer)

    def value(self, name: str, **labels: Any) -> float | None:
        """Of one series; None where there is none."""
        texts = {label: str(value) for label, value in labels.items()}
        return self.metrics.registry.get_sample_value(f"edgent_device_{name}", texts)


@pytest.fixture
def scripted(scene: Callable[..., Any]) -> Any:
    """A runtime with an edge called here."""
    return scene(PLAN)


@pytest.fixture
def told(scripted: Any, tmp_path: Path) -> Iterator[Told]:
    """Its metrics, on a machine that tells no temperatures."""
    told = Told(scripted.runtime, tmp_path)
    yield told
    told.metrics.close()


def test_an_answer_is_counted(told: Told) -> None:
    """By plan and edge; bytes, stages, latency as it was and as it was planned."""
    told.answered(ANSWER)
    told.answered(ANSWER)
    by_plan = {"exit": "exit2", "start": 0, "stop": 3, "codec_up": "raw", "codec_down": "uint8"}
    assert told.value("answers_total", **by_plan) == 2
    assert told.value("answered_total", by="here") == 2
    assert told.value("late_total") == 0
    assert (told.value("bytes_total", direction="up"), told.value("bytes_total", direction="down")) == (
        600,
        400,
    )
    stages = ("encode", "network", "queue", "edge", "device")
    seconds = [told.value("stage_seconds_total", stage=stage) for stage in stages]
    assert seconds == pytest.approx([0.002, 0.04, 0.008, 0.004, 0.0])
    assert told.value("latency_seconds_sum") == pytest.approx(0.08)
    assert told.value("latency_seconds_bucket", le=0.05) == 2
    assert told.value("latency_seconds_bucket", le=0.03) == 0
    assert told.value("predicted_latency_seconds_sum") == pytest.approx(0.1)
    assert told.value("latency_ratio_sum") == pytest.approx(1.6)
    assert told.value("latency_requirement_seconds") == 0.1


def test_an_answer_of_the_device(told: Told) -> None:
    """Late, for the edge was: by the local exit, whose plan has no codecs, and by kind of error."""
    alone = replace(ANSWER, plan=Plan("exit1", 0), edge=None, latency_s=0.2)
    told.answered(
        replace(alone, edge_error="EdgeTimeoutError: the edge: had not answered", edge_lost="here: gone")
    )
    plan = {"exit": "exit1", "start": 0, "stop": 0, "codec_up": "", "codec_down": ""}
    assert told.value("answers_total", **plan) == 1
    assert told.value("answered_total", by="device") == 1
    assert told.value("answered_total", by="here") == 0  # from the start, so that a rate knows its first
    assert told.value("late_total") == told.value("edges_lost_total") == 1
    assert told.value("edge_errors_total", kind="EdgeTimeoutError") == 1
    assert told.value("edge_errors_total", kind="QueueFullError") == 0


def test_what_else_happens(told: Told) -> None:
    """Another plan, an input that left early, an exit rule that is out of date, an input that was broken."""
    told.answered(
        replace(ANSWER, switched="is better", left_early=True, plan=Plan("exit1", 2), drift="it drifts")
    )
    told.metrics.broken(1, ITEM)
    assert told.value("plan_switches_total") == told.value("drifts_total") == 1
    assert told.value("left_early_total", exit="exit1") == 1
    assert told.value("not_answered_total") == 1


def test_labels_are_bounded(told: Told) -> None:
    """A reason of another form, which may hold anything, is the most general kind."""
    for text in ("EdgeTimeoutError: late", "no such thing: at all", "KeyError: 'x'", ""):
        told.answered(replace(ANSWER, edge_error=text))
    assert told.value("edge_errors_total", kind="EdgeError") == 3
    assert error_kind("HeadAbsentError: it is not there") == "HeadAbsentError"


def test_without_predictions(told: Told) -> None:
    """A fixed plan predicts nothing: nothing is compared; times below 0 are none."""
    told.answered(replace(ANSWER, predicted_s=None, timeline=replace(TIMES, network_s=-1e-6)))
    assert told.value("latency_seconds_count") == 1
    assert told.value("predicted_latency_seconds_count") == told.value("latency_ratio_count") == 0
    assert told.value("stage_seconds_total", stage="network") == 0


def test_links_are_looked_up_when_they_are_asked_for(told: Told, scripted: Any) -> None:
    """What is believed of each, and whether it is left alone; without a tracker nothing is."""
    assert told.value("bandwidth_bytes_per_second", edge="here", direction="up") is None
    link = Link(0.02, 1e6, 4e6)
    scripted.edge.tracker = SimpleNamespace(meter=SimpleNamespace(link=link))
    assert told.value("bandwidth_bytes_per_second", edge="here", direction="up") == 125e3
    assert told.value("bandwidth_bytes_per_second", edge="here", direction="down") == 500e3
    assert told.value("round_trip_seconds", edge="here") == 0.02
    assert told.value("edge_left_alone", edge="here") == 0
    scripted.edge.absence = "connection refused"
    assert told.value("edge_left_alone", edge="here") == 1


def test_a_certificate_that_ends() -> None:
    """It is told of the edge that showed one, and of no other."""
    sessions: list[Any] = [
        SimpleNamespace(name=name, absence=None, tracker=None) for name in ("here", "there")
    ]
    client: Any = SimpleNamespace(certificate_expires_s=1.9e9)
    edges: Any = [Edge(sessions[0], client=client), Edge(sessions[1])]
    registry = CollectorRegistry()
    registry.register(EdgeGauges(edges))
    name = "edgent_device_certificate_expiry_timestamp_seconds"
    assert registry.get_sample_value(name, {"edge": "here"}) == 1.9e9
    assert registry.get_sample_value(name, {"edge": "there"}) is None


def test_heat(scripted: Any, tmp_path: Path) -> None:
    """Where the system tells; else there is no such series."""
    assert Told(scripted.runtime, tmp_path).value("throttled") is None
    zone = tmp_path / "class" / "thermal" / "thermal_zone0"
    zone.mkdir(parents=True)
    (zone / "temp").write_text("61500\n")
    (zone / "type").write_text("cpu-thermal\n")
    cooling = tmp_path / "class" / "thermal" / "cooling_device0"
    cooling.mkdir()
    (cooling / "type").write_text("cpufreq-cpu0\n")
    (cooling / "cur_state").write_text("1\n")
    told = Told(scripted.runtime, tmp_path)
    assert told.value("temperature_celsius", zone="thermal_zone0", type="cpu-thermal") == 61.5
    assert told.value("throttled") == 1


def test_it_is_served_until_it_is_closed(told: Told) -> None:
    """On loopback; closing frees the port, and closing again does nothing."""
    port = told.metrics.serve(0)
    told.answered(ANSWER)
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    assert 'edgent_device_answered_total{by="here"} 1.0' in text
    told.metrics.close()
    told.metrics.close()
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_port_that_is_taken(told: Told) -> None:
    """Is said, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=rf"127\.0\.0\.1:{port} .*in use.*name another port"):
            told.metrics.serve(port)


def test_an_address_that_is_not_here(told: Told) -> None:
    """Is said in the same way."""
    with pytest.raises(InputError, match=r"192\.0\.2\.1:\d+ .*name another port or address"):
        told.metrics.serve(9100, "192.0.2.1")


def test_every_series_is_finite(told: Told) -> None:
    """Also with nothing answered yet."""
    samples = [sample for family in told.metrics.registry.collect() for sample in family.samples]
    assert samples
    assert all(math.isfinite(sample.value) for sample in samples)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Prometheus) is not installed")
def test_names_are_as_prometheus_wants_them(told: Told, scripted: Any) -> None:
    """In base units, with their suffixes and a help text."""
    link = Link(0.02, 1e6, 4e6)
    scripted.edge.tracker = SimpleNamespace(meter=SimpleNamespace(link=link))
    told.answered(ANSWER)
    check = ["promtool", "check", "metrics"]
    done = subprocess.run(
        check, input=generate_latest(told.metrics.registry), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
