"""Command line of the live runs: a real TorchServe behind a link that follows a trace while requests run."""

import argparse
import csv
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from benchmarks.studies.live.answers import LiveAnswer
from benchmarks.studies.live.comparison import Comparison, compare
from benchmarks.studies.live.live_edge import LiveEdge
from benchmarks.studies.live.live_spec import Device, write_live_spec
from benchmarks.studies.live.recovery import Collapse, recovery_of
from benchmarks.studies.live.replayed import replay_of
from benchmarks.studies.live.report import draw, live_table, recovery_line
from benchmarks.testbed.trial import open_trial, trial_inputs
from benchmarks.testbed import namespaces
from benchmarks.testbed.self_test import require, self_test, table
from benchmarks.testbed.testbed import Kind, Testbed, TestbedConfig
from device_runtime.head_roster import head_of
from edgent.bandwidth.generator import demo_traces
from edgent.bandwidth.trace_files import load_trace
from edgent.bandwidth.traces import BandwidthTrace
from edgent.errors import EdgentError
from edgent.latency.loading import load_costs
from edgent.spec import read_spec

_console = Console()
_USUAL_ROUND_TRIP_S = 3e-3
_REQUEST_BYTES, _ANSWER_BYTES = 240.0, 340.0


@dataclass(frozen=True)
class Run:
    """What is run: a device on a link."""

    title: str
    device: Device
    trace: BandwidthTrace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everything and return the exit status: 1 if an answer was wrong."""
    options = _parse(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="edgent-live-") as folder:
            comparisons = _run(options, Path(folder))
    except EdgentError as error:
        _console.print(f"[red]error:[/] {error}", highlight=False)
        return 2
    _console.print(live_table(comparisons))
    draw(comparisons, options.out / "live.png")
    _write_csv(comparisons, options.out / "answers.csv")
    _console.print(f"wrote {options.out / 'live.png'} and {options.out / 'answers.csv'}")
    return int(any(one.wrong for one in comparisons))


def _run(options: argparse.Namespace, folder: Path) -> list[Comparison]:
    pipeline = read_spec(options.pipeline)
    images = trial_inputs(pipeline)
    inputs = folder / "inputs.npy"
    np.save(inputs, images)
    runs, collapse = _runs(options), Collapse()
    specs = [write_live_spec(pipeline, folder / str(number), run.device) for number, run in enumerate(runs)]
    network = open_trial(specs[0])
    costs = [load_costs(open_trial(spec)).candidates(_REQUEST_BYTES, _ANSWER_BYTES) for spec in specs]
    heads = {
        head
        for run, candidates in zip(runs, costs, strict=True)
        for k in set(replay_of(run.trace, candidates, run.device, _USUAL_ROUND_TRIP_S).candidate)
        if (head := head_of(network, candidates.plans[k]))
    }
    kind: Kind = "relay" if options.relay or not namespaces.is_root() else "namespaces"
    comparisons = []
    with Testbed(TestbedConfig(kind=kind)) as testbed:
        checks = self_test(testbed)
        _console.print(table(checks))
        require(checks)
        with _console.status(f"TorchServe with a worker for {', '.join(sorted(heads))}"):
            edge = LiveEdge(testbed, specs[0], heads)
        with (
            edge,
            Progress(
                TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=_console
            ) as bars,
        ):
            for run, spec, candidates in zip(runs, specs, costs, strict=True):
                bar = bars.add_task(run.title, total=run.trace.total_s)
                show = partial(_show, bars, bar)
                device = edge.device(spec, inputs)
                opened, answers = edge.run(device, spec, run.trace, 1 / options.requests_per_s, show)
                device.close()
                judged = compare(
                    run.title,
                    run.trace,
                    run.device,
                    answers,
                    network=network,
                    images=images,
                    candidates=candidates,
                    opened_round_trip_s=opened.link.round_trip_s,
                    pause_s=1 / options.requests_per_s,
                )
                comparisons.append(judged)
                if run.trace.name == collapse.trace.name:
                    _console.print(recovery_line(run.title, recovery_of(collapse, answers)))
    return comparisons


def _show(bars: Progress, bar: TaskID, answer: LiveAnswer) -> None:
    bars.update(bar, completed=answer.at_s)


def _runs(options: argparse.Namespace) -> list[Run]:
    hedged = Device(options.slowdown, options.latency_ms / 1e3)
    expected = Device(options.slowdown, options.latency_ms / 1e3, "expected", hedge=False)
    trace = load_trace(options.trace) if options.trace else demo_traces(8, 300, seed=1)[2]
    count = min(options.samples, trace.bandwidth_bps.size)
    held_s = np.full(count, options.hold_s)
    trace = BandwidthTrace(
        trace.name, np.cumsum(held_s) - held_s, held_s, options.scale * trace.bandwidth_bps[:count]
    )
    return [
        Run(f"{trace.name}, hedged", hedged, trace),
        Run(f"{trace.name}, expected, no hedge", expected, trace),
        Run("collapse, hedged", hedged, Collapse().trace),
        Run("collapse, expected, no hedge", expected, Collapse().trace),
    ]


def _write_csv(comparisons: Sequence[Comparison], file: Path) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        rows = [
            {
                "run": one.title,
                "at_s": f"{answer.at_s:.3f}",
                "link_kbps": f"{answer.link_bps / 1e3:.1f}",
                "believed_kbps": f"{answer.believed_bps / 1e3:.1f}",
                "wanted": answer.wanted,
                "plan": answer.plan,
                "latency_ms": f"{answer.latency_s * 1e3:.2f}",
                "predicted_ms": f"{(answer.predicted_s or math.nan) * 1e3:.2f}",
                "network_ms": f"{answer.network_s * 1e3:.2f}",
                "switched": answer.switched,
                "state_changed": answer.state_changed,
                "edge_error": answer.edge_error,
            }
            for one in comparisons
            for answer in one.answers
        ]
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies.live", description=__doc__)
    parser.add_argument("--pipeline", type=Path, default=Path("pipelines/alexnet.yaml"))
    parser.add_argument("--trace", type=Path, help="a bandwidth trace; a demo trace when not given")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies its bandwidths")
    parser.add_argument("--samples", type=int, default=60, help="how many of its samples are run")
    parser.add_argument("--hold-s", type=float, default=0.75, help="seconds for which each sample holds")
    parser.add_argument("--requests-per-s", type=float, default=4.0)
    parser.add_argument("--slowdown", type=float, default=320.0, help="of the device's profile")
    parser.add_argument("--latency-ms", type=float, default=100.0, help="the latency requirement")
    parser.add_argument("--relay", action="store_true", help="shape in user space (default where not root)")
    parser.add_argument("--out", type=Path, default=Path("runs/live"), help="folder for figure and answers")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
