"""Every fault at every phase of a request, against a real TorchServe: what becomes of the answers."""

import contextlib
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.studies.faults.devices import Devices
from benchmarks.testbed.edge.edge_under_test import EdgeUnderTest, Interface
from benchmarks.testbed.faults.faulty_link import FaultyLink
from benchmarks.studies.faults.hedge_cost import HedgeCost, hedge_cost
from benchmarks.studies.faults.report import Row, document, failures, summary, table
from benchmarks.studies.faults.scenarios import Scenario, edge_scenarios, link_scenarios, wait_for_edge
from benchmarks.studies.faults.sweep import sweep, sweep_places
from benchmarks.studies.faults.trial import Outcome, Subject, late_start_floor, run_trial, unsplit_logits
from edgent.errors import EdgentError
from edgent.generated_file import describe_machine
from edgent.inputs import read_inputs
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec

_ROOT = Path(__file__).parents[2]
_DOCS = _ROOT / "docs" / "faults.md"
_PLAN = Plan.parse("exit2:p11:webp:float32")
_PLANNED_FAULTS = (
    ("connecting", "refuse"),
    ("sending", "stop"),
    ("sending", "black hole"),
    ("edge computing", "reset"),
    ("edge computing", "delay 300 ms"),
    ("receiving", "truncate"),
    ("receiving", "corrupt"),
    ("edge", "worker killed (SIGKILL)"),
    ("edge", "queue full"),
    ("edge", "token expired"),
    ("edge", "archive of another model"),
)


def main(
    requests: Annotated[int, typer.Option(min=10, help="Requests under each fault.")] = 200,
    step: Annotated[int, typer.Option(min=1, help="Of the sweep over bytes; 1 is every byte.")] = 1,
    pairs: Annotated[int, typer.Option(min=10, help="Requests of each device for the hedge's cost.")] = 2000,
    latency_ms: Annotated[float, typer.Option(min=1, help="Latency requirement.")] = 60,
    interface: Annotated[str, typer.Option(help="By which the device asks: http or grpc.")] = "http",
    write: Annotated[bool, typer.Option("--write", help="Write docs/faults.md.")] = False,
) -> None:
    """Do every fault to the LeNet pipeline; ends with 1 if an answer is lost, wrong or late."""
    console = Console()
    console = Console(width=max(console.width, 180))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edgent-faults-")))
        devices = Devices(
            _ROOT / "pipelines" / "lenet.yaml", _PLAN, folder / "key_file.json", folder / "cache"
        )
        network = Network.open(read_spec(devices.spec_file), devices.cache)
        images = _samples(network)
        console.print("starting TorchServe")
        way: Interface = "grpc" if interface == "grpc" else "http"
        edge = stack.enter_context(EdgeUnderTest(network, devices.heads(), folder, way))
        link = stack.enter_context(FaultyLink(edge.url))
        ask = partial(
            Subject, images=images, logits=unsplit_logits(network, images), requirement_s=latency_ms / 1e3
        )
        fixed = ask(stack.enter_context(devices.fixed(link.url)))
        fixed.settle()
        floor = late_start_floor(fixed, requests)
        cost = _hedge_cost(devices, edge.url, images, pairs, console)
        sent_bytes, received_bytes = _message_bytes(fixed)
        scenarios = [
            *link_scenarios(link, sent_bytes, received_bytes, latency_ms / 1e3),
            *edge_scenarios(edge, link),
        ]
        planned = ask(stack.enter_context(devices.planned(link.url)))
        trials = [("fixed", fixed, scenario) for scenario in scenarios]
        trials += [("planned", planned, one) for one in scenarios if (one.phase, one.name) in _PLANNED_FAULTS]
        rows = []
        with Progress(
            TextColumn("{task.description:45}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
        ) as bar:
            places = sweep_places(sent_bytes, received_bytes, step)
            task = bar.add_task("every byte: reset, truncate", total=len(places))
            swept = Outcome(back_after_s=0.0)
            for _ in sweep(fixed, link, places, swept):
                bar.advance(task)
            rows.append(Row("fixed", "every byte", "reset, truncate", swept))
            task = bar.add_task("", total=len(trials))
            for name, subject, scenario in trials:
                bar.update(task, description=f"{name}, {scenario.phase}: {scenario.name}")
                rows.append(
                    Row(name, scenario.phase, scenario.name, _trial(subject, scenario, requests, edge))
                )
                bar.advance(task)
    console.print(table(rows))
    lines = summary(rows, floor, cost, latency_ms / 1e3)
    for line in lines:
        console.print(line, highlight=False)
    broken = failures(rows, floor)
    for line in broken:
        console.print(f"[red]{line}[/]", highlight=False)
    if write:
        _DOCS.write_text(document(rows, lines, describe_machine()), encoding="utf-8")
        console.print(f"written: {_DOCS.relative_to(_ROOT)}")
    if broken:
        raise typer.Exit(1)


def _trial(subject: Subject, scenario: Scenario, requests: int, edge: EdgeUnderTest) -> Outcome:
    return run_trial(
        subject,
        scenario.harm,
        requests,
        again=scenario.again,
        edge_is_back=partial(wait_for_edge, edge) if scenario.outlasts else lambda: None,
    )


def _samples(network: Network) -> np.ndarray:
    """The pipeline's own images, shape (n, *input shape)."""
    spec = network.spec
    assert spec.input.samples is not None, "the LeNet pipeline has samples"
    tensors = [item.tensor for item in read_inputs(spec.resolve(spec.input.samples), spec)]
    return np.concatenate([tensor.reshape(1, *spec.input.shape) for tensor in tensors if tensor is not None])


def _hedge_cost(devices: Devices, url: str, images: np.ndarray, pairs: int, console: Console) -> HedgeCost:
    with (
        devices.fixed(url) as hedged,
        devices.fixed(url, hedge=False) as plain,
        console.status(f"the cost of the hedge: {2 * pairs:,} requests"),
    ):
        hedge_cost(hedged, plain, images, max(pairs // 4, 10))  # warm
        return hedge_cost(hedged, plain, images, pairs)


def _message_bytes(subject: Subject) -> tuple[int, int]:
    """The longest request and answer of the subject's images, HTTP headers included."""
    timelines = [subject.runtime.infer(image, 2.0).timeline for image in subject.images]
    return max(one.sent_bytes for one in timelines), max(one.received_bytes for one in timelines)


if __name__ == "__main__":
    try:
        typer.run(main)
    except EdgentError as error:
        sys.exit(f"error: {error}")
