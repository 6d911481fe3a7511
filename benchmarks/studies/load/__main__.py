"""Command line: `python -m benchmarks.studies.load [--quick]`."""

import logging
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from benchmarks.studies.load.measure import HEAD_S, METHODS, REQUIREMENT_S, Cell, measure
from benchmarks.studies.load.report import report
from benchmarks.studies.load.runtimes import RuntimesCell, measure_runtimes, warm_up
from benchmarks.studies.load.runtimes_report import runtimes_table
from benchmarks.studies.load.simulated import Compared, compared
from benchmarks.studies.load.simulated_report import simulated_table
from benchmarks.studies.load.slow_device import open_devices, write_slow_spec
from benchmarks.studies.load.slow_edge import slow_edge
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Report, Study, run
from benchmarks.testbed.progress import Tell
from edgent.network import Network
from edgent.spec import read_spec

_CLIENTS, _QUICK_CLIENTS = (16, 32, 64), (16, 64)
_AT_FULL_LOAD = 32
"""So many clients ask for as much together as the head can compute; twice as many for twice as much."""
_EDGES, _DEVICES, _LOADS = (1, 2), (1, 4, 16, 64), (0.5, 1.0, 2.0)
_QUICK_DEVICES, _QUICK_LOADS = (16,), (0.5, 2.0)
_SECONDS, _QUICK_SECONDS = 10.0, 5.0
_SLOW_HEAD_S, _SLOW_REQUIREMENT_S = 0.1, 0.5
"""Of whole runtimes: all of them share this machine, so that each is late by some milliseconds."""
_CAPACITY_HZ = 1 / _SLOW_HEAD_S


def main(quick: Quick = False, out: Out = None, docs: Docs = False) -> None:
    """Let more and more clients ask one slow head, then whole runtimes one and two, beside a simulation."""
    study = Study("load", out)
    logging.getLogger("device_runtime").setLevel(logging.ERROR)  # each device of before would say so
    clients, seconds = (_QUICK_CLIENTS, _QUICK_SECONDS) if quick else (_CLIENTS, _SECONDS)
    with tempfile.TemporaryDirectory(prefix="edgent-load-") as name:
        with study.bar("clients") as tell:
            asked = _clients(Path(name), clients, seconds, tell)
        pairs = []
        for edges in _EDGES:
            devices, loads = (_QUICK_DEVICES, _QUICK_LOADS) if quick else (_DEVICES, _LOADS)
            with study.bar(f"devices at {edges}") as tell:
                pairs += _runtimes(Path(name, f"{edges}-edges"), edges, devices, loads, seconds, tell)
    lived, simulated = zip(*pairs, strict=True)
    measured = report(asked)
    table = runtimes_table(lived, _CAPACITY_HZ)
    records = {**measured.records, "runtimes": [one for cell in lived for one in cell.requests]}
    measured = replace(measured, tables=[*measured.tables, table], records=records)
    study.write(measured, _circumstances(seconds), LABORATORY / "load.md" if docs else None)
    study.show(measured)
    beside = Study("load", study.folder / "capacity")
    validated = Report((), [simulated_table(simulated)], records={"simulated": simulated})
    beside.write(validated, _circumstances(seconds), page=LABORATORY / "capacity.md" if docs else None)
    beside.show(validated)


def _circumstances(seconds: float) -> str:
    heads = " and ".join(
        f"a head of {head_s * 1e3:g} ms and requirements of {requirement_s * 1e3:g} ms for {who}"
        for who, head_s, requirement_s in (
            ("clients", HEAD_S, REQUIREMENT_S),
            ("runtimes", _SLOW_HEAD_S, _SLOW_REQUIREMENT_S),
        )
    )
    return f"TorchServes with one worker each: {heads}; {seconds:g} s a row."


def _clients(folder: Path, clients: tuple[int, ...], seconds: float, tell: Tell) -> list[Cell]:
    """Bare clients, which ask whatever the queue is like."""
    network = Network.open(read_spec(PIPELINES / "lenet.yaml"))
    cells = []
    with slow_edge(network, folder / "clients", HEAD_S) as edge:
        for count in clients:
            for method in METHODS:
                cells.append(measure(edge, method, count, count / _AT_FULL_LOAD, seconds))
                tell(f"{count}", len(cells) / (len(clients) * len(METHODS)))
    return cells


def _runtimes(
    folder: Path,
    count: int,
    devices: tuple[int, ...],
    loads: tuple[float, ...],
    seconds: float,
    tell: Tell,
) -> list[tuple[RuntimesCell, Compared]]:
    """Whole runtimes at so many edges, and what is simulated of each of their cells."""
    spec = write_slow_spec(read_spec(PIPELINES / "lenet.yaml"), folder, _SLOW_HEAD_S, _SLOW_REQUIREMENT_S)
    network = Network.open(read_spec(spec))
    layers = len(network.graph.paths[-1].layers)
    pairs = []
    with ExitStack() as stack:
        edges = [
            stack.enter_context(slow_edge(network, folder / f"edge{number}", _SLOW_HEAD_S, layers))
            for number in range(count)
        ]
        opened = open_devices(spec, edges, max(devices))
        for device in opened:
            stack.callback(device.close)
        idle_s = warm_up(opened)
        for some in devices:
            for load in loads:
                cell = measure_runtimes(opened[:some], edges, load, count * _CAPACITY_HZ, seconds)
                pairs.append((cell, compared(spec, cell, idle_s, _SLOW_HEAD_S)))
                tell(f"{some} at {load:g}", len(pairs) / (len(devices) * len(loads)))
    return pairs


if __name__ == "__main__":
    run(main)
