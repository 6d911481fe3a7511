"""Every fault at every phase of a request, against a real TorchServe: what becomes of the answers."""

import contextlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from benchmarks.studies.faults.devices import Devices
from benchmarks.studies.faults.hedge_cost import HedgeCost, hedge_cost
from benchmarks.studies.faults.measure import (
    Outcome,
    Subject,
    late_start_floor,
    run_trial,
    sweep,
    sweep_places,
)
from benchmarks.studies.faults.report import Row, failures, report
from benchmarks.studies.faults.scenarios import Scenario, edge_scenarios, link_scenarios, wait_for_edge
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Study, run
from benchmarks.testbed.edge.edge_under_test import EdgeUnderTest
from benchmarks.testbed.faults.faulty_link import FaultyLink
from benchmarks.testbed.judge import Judge
from benchmarks.testbed.trial import sample_inputs
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec

_SPEC, _PLAN = PIPELINES / "lenet.yaml", Plan.parse("exit2:p11:webp:float32")
_REQUIREMENT_S = 0.06
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


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes:
        step: Of the sweep over the bytes of a message.
        pairs: Requests of each device for the cost of the hedge.
    """

    requests: int
    step: int
    pairs: int


_USUAL, _QUICK = Effort(200, 1, 2000), Effort(20, 100, 100)


def main(
    interface: Annotated[
        Literal["http", "grpc"], typer.Option(help="The interface by which the device asks.")
    ] = "http",
    only: Annotated[str, typer.Option(help="Only faults of the phases or names that contain this.")] = "",
    quick: Quick = False,
    out: Out = None,
    docs: Docs = False,
) -> None:
    """Do every fault to the LeNet pipeline; ends with 1 if an answer is lost, wrong or late."""
    study, effort = Study("faults", out), _QUICK if quick else _USUAL
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edgent-faults-")))
        network = Network.open(read_spec(_SPEC), folder / "cache")
        devices = Devices(network.spec, _PLAN, folder, folder / "key_file.json")
        images = sample_inputs(network.spec)
        heads = list(dict.fromkeys(filter(None, map(network.head_of, devices.wanted_plans()))))
        with study.console.status("TorchServe"):
            edge = stack.enter_context(EdgeUnderTest(network, heads, folder, interface))
        link = stack.enter_context(FaultyLink(edge.url))
        ask = partial(Subject, images=images, judge=Judge(network, images), requirement_s=_REQUIREMENT_S)
        fixed = ask(stack.enter_context(devices.fixed(link.url)))
        fixed.settle()
        floor = late_start_floor(fixed, effort.requests)
        with study.console.status(f"the cost of the hedge: {2 * effort.pairs:,} requests"):
            cost = _hedge_cost(stack, devices, edge.url, fixed, effort.pairs)
        sent_bytes, received_bytes = fixed.message_bytes()
        planned = ask(stack.enter_context(devices.planned(link.url)))
        of_link = link_scenarios(link, sent_bytes, received_bytes, _REQUIREMENT_S)
        scenarios = _chosen([*of_link, *edge_scenarios(edge, link)], only)
        places = sweep_places(sent_bytes, received_bytes, effort.step)
        swept = Outcome(back_after_s=0.0)
        with study.bar("every byte: reset, truncate") as tell:
            for done, _ in enumerate(sweep(fixed, link, places, swept)):
                tell("", done / len(places))
        rows = [Row("fixed", "every byte", "reset, truncate", swept)]
        rows += _trials(study, {"fixed": fixed, "planned": planned}, scenarios, effort.requests, edge)
    measured = report(rows, floor, cost, _REQUIREMENT_S)
    study.write(measured, page=LABORATORY / "faults.md" if docs else None)
    study.show(measured)
    broken = failures(rows, floor)
    for line in broken:
        study.console.print(f"[red]{line}[/]", highlight=False)
    if broken:
        raise typer.Exit(1)


def _chosen(scenarios: Sequence[Scenario], only: str) -> list[Scenario]:
    """The faults whose phase or name contains a text.

    Raises:
        typer.BadParameter: None does.
    """
    names = [f"{scenario.phase}: {scenario.name}" for scenario in scenarios]
    chosen = [scenario for scenario, name in zip(scenarios, names, strict=True) if only in name]
    if not chosen:
        raise typer.BadParameter(
            f"no fault has {only!r} in its name: there are {', '.join(names)}", param_hint="--only"
        )
    return chosen


def _trials(
    study: Study,
    subjects: dict[str, Subject],
    scenarios: Sequence[Scenario],
    requests: int,
    edge: EdgeUnderTest,
) -> list[Row]:
    """Every scenario with the fixed plan, and some of them with plans of a policy."""
    trials = [("fixed", scenario) for scenario in scenarios]
    trials += [("planned", trial) for trial in scenarios if (trial.phase, trial.name) in _PLANNED_FAULTS]
    rows = []
    with study.bar("faults") as tell:
        for done, (name, scenario) in enumerate(trials):
            tell(f"{name}, {scenario.phase}: {scenario.name}", done / len(trials))
            outcome = run_trial(
                subjects[name],
                scenario.harm,
                requests,
                again=scenario.again,
                edge_is_back=partial(wait_for_edge, edge) if scenario.outlasts else lambda: None,
            )
            rows.append(Row(name, scenario.phase, scenario.name, outcome))
    return rows


def _hedge_cost(
    stack: contextlib.ExitStack, devices: Devices, url: str, subject: Subject, pairs: int
) -> HedgeCost:
    """Of two devices at an edge without faults, after a warm-up."""
    hedged = stack.enter_context(devices.fixed(url))
    plain = stack.enter_context(devices.fixed(url, hedge=False))
    hedge_cost(hedged, plain, subject.images, max(pairs // 4, 10))
    return hedge_cost(hedged, plain, subject.images, pairs)


if __name__ == "__main__":
    run(main)
