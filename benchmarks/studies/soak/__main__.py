"""Many requests in a row: do memory, threads and file descriptors stay what they are, on both sides?

`python -m benchmarks.studies.soak` runs the LeNet pipeline against a real TorchServe; `--write` writes docs/soak.md.
"""

import contextlib
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import matplotlib as mpl
import numpy as np
import psutil
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks.testbed.edge.edge_under_test import EdgeUnderTest
from device_runtime.runtime import DeviceRuntime
from edgent.errors import EdgentError
from edgent.generated_file import describe_machine
from edgent.inputs import read_inputs
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec

_ROOT = Path(__file__).parents[1]
_SPEC = _ROOT / "pipelines" / "lenet.yaml"
_PLAN, _HEAD = Plan.parse("exit2:p11:webp:float32"), "lenet-exit2-p11"
_REQUIREMENT_S = 0.5
_SAMPLES = 200
_WARM_UP = 0.25
"""The share of the samples before the comparison: the JVM compiles and sizes its heap meanwhile."""
_FLAT_MEMORY = 0.05
_QUANTITIES = ("resident MB", "threads", "file descriptors")


@dataclass(frozen=True)
class Sample:
    """One look at a process.

    Attributes:
        requests: how many there had been.
        resident_mb: resident memory, 10^6 bytes.
        threads: of the process.
        descriptors: open files and sockets.
    """

    requests: int
    resident_mb: float
    threads: int
    descriptors: int

    @classmethod
    def of(cls, process: psutil.Process, requests: int) -> "Sample":
        """Look at a process now."""
        with process.oneshot():
            return cls(requests, process.memory_info().rss / 1e6, process.num_threads(), process.num_fds())

    def values(self) -> tuple[float, int, int]:
        """In the order of the quantities."""
        return self.resident_mb, self.threads, self.descriptors


@dataclass(frozen=True)
class Drift:
    """A quantity of a process over the run.

    Attributes:
        before, after: medians of the quarter after the warm-up and of the last quarter.
        is_flat: whether the growth is within what is allowed.
    """

    process: str
    quantity: str
    before: float
    after: float
    is_flat: bool


def main(
    requests: Annotated[int, typer.Option(min=1000, help="How many.")] = 200_000,
    write: Annotated[bool, typer.Option("--write", help="Write docs/soak.md and its picture.")] = False,
) -> None:
    """Soak the LeNet pipeline; ends with 1 if something grows."""
    console = Console()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edgent-soak-")))
        network = Network.open(read_spec(_SPEC), folder / "cache")
        edge = stack.enter_context(EdgeUnderTest(network, [_HEAD], folder))
        runtime = stack.enter_context(
            DeviceRuntime.open(
                _SPEC, plan=_PLAN, inference_url=edge.url, token_file=edge.token_file, cache=folder / "cache"
            )
        )
        processes = {
            "device": psutil.Process(os.getpid()),
            "TorchServe (Java)": edge.java_process(),
            "worker": edge.worker_process(),
        }
        began_s = time.perf_counter()
        samples, by_edge = _soak(runtime, processes, _images(network), requests, console)
        took_s = time.perf_counter() - began_s
    drifts = [drift for name, taken in samples.items() for drift in _drifts(name, taken)]
    console.print(_table(drifts))
    line = f"{requests:,} requests in {took_s:.0f} s, {by_edge:,} of them answered by way of the edge. " + (
        "Everything is flat." if all(drift.is_flat for drift in drifts) else "Something grows."
    )
    console.print(line, highlight=False)
    if write:
        _write(samples, drifts, line)
        console.print("written: docs/soak.md and docs/soak.png")
    if not all(drift.is_flat for drift in drifts):
        raise typer.Exit(1)


def _images(network: Network) -> list[np.ndarray]:
    spec = network.spec
    assert spec.input.samples is not None, "the LeNet pipeline has samples"
    inputs = read_inputs(spec.resolve(spec.input.samples), spec)
    return [item.tensor for item in inputs if item.tensor is not None]


def _soak(
    runtime: DeviceRuntime,
    processes: dict[str, psutil.Process],
    images: list[np.ndarray],
    requests: int,
    console: Console,
) -> tuple[dict[str, list[Sample]], int]:
    """Samples of every process, and how many answers came by way of the edge."""
    samples: dict[str, list[Sample]] = {name: [] for name in processes}
    every = max(requests // _SAMPLES, 1)
    by_edge = 0
    columns = (TextColumn("requests"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=requests)
        for k in range(requests):
            if k % every == 0:
                for name, process in processes.items():
                    samples[name].append(Sample.of(process, k))
                bar.update(task, completed=k)
            by_edge += runtime.infer(images[k % len(images)], _REQUIREMENT_S).plan.partition_point > 0
        bar.update(task, completed=requests)
    return samples, by_edge


def _drifts(process: str, samples: list[Sample]) -> list[Drift]:
    """What changed from the quarter after the warm-up to the last one."""
    values = np.array([sample.values() for sample in samples], dtype=np.float64)
    first = int(len(values) * _WARM_UP)
    quarter = max((len(values) - first) // 4, 1)
    before, after = np.median(values[first : first + quarter], axis=0), np.median(values[-quarter:], axis=0)
    found = []
    for index, quantity in enumerate(_QUANTITIES):
        allowed = _FLAT_MEMORY * before[index] if index == 0 else 1.0
        is_flat = bool(after[index] - before[index] <= allowed)
        found.append(Drift(process, quantity, float(before[index]), float(after[index]), is_flat))
    return found


def _table(drifts: list[Drift]) -> Table:
    table = Table(title="Soak: medians after the warm-up and at the end", title_justify="left")
    for name in ("process", "quantity", "before", "after", "flat"):
        table.add_column(name, justify="right" if name in ("before", "after") else "left")
    for drift in drifts:
        table.add_row(*_cells(drift))
    return table


def _cells(drift: Drift) -> tuple[str, ...]:
    verdict = "yes" if drift.is_flat else "no"
    return drift.process, drift.quantity, f"{drift.before:.1f}", f"{drift.after:.1f}", verdict


def _write(samples: dict[str, list[Sample]], drifts: list[Drift], line: str) -> None:
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415  after the backend is chosen

    figure, axes = plt.subplots(len(_QUANTITIES), 1, sharex=True, figsize=(8, 7), layout="constrained")
    for index, (axis, quantity) in enumerate(zip(axes, _QUANTITIES, strict=True)):
        for name, taken in samples.items():
            axis.plot(
                [sample.requests / 1e3 for sample in taken],
                [sample.values()[index] for sample in taken],
                label=name,
            )
        axis.set_ylabel(quantity)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    axes[0].legend(loc="lower right", ncols=len(samples))
    axes[-1].set_xlabel("requests, thousands")
    figure.savefig(_ROOT / "docs" / "soak.png", dpi=120)
    plt.close(figure)
    machine = ", ".join(f"{name} {value}" for name, value in describe_machine().items())
    rows = "\n".join("| " + " | ".join(_cells(drift)) + " |" for drift in drifts)
    text = f"""# Soak

Written by `python -m benchmarks.studies.soak --write` ({machine}).

{line} Flat means: the median of the last quarter after the warm-up exceeds that of the first by at most
{_FLAT_MEMORY:.0%} of the memory, one thread, one file descriptor.

| process | quantity | before | after | flat |
|---|---|---|---|---|
{rows}

![Memory, threads and file descriptors over the requests](soak.png)
"""
    (_ROOT / "docs" / "soak.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    try:
        typer.run(main)
    except EdgentError as error:
        sys.exit(f"error: {error}")
