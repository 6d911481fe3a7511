"""Photos one after the other, each given to every device under the same death of its link."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.studies.rescue.devices import METHODS, SLOWDOWN, Device, Direction, Method
from benchmarks.studies.rescue.dying_edge import Death, Kind
from benchmarks.studies.rescue.slow_sessions import SlowSessions
from edgent.inputs.labelled import held_out_data
from edgent.network import Network
from edgent.planning.stages import Step
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from device_runtime.answer import Answer

_SEED = 4
_WARM_UP = 10
_AT_ONCE = 2


@dataclass(frozen=True)
class Cell:
    """What is measured in one process.

    Attributes:
        requirement_s: Of every request.
        direction: What the plan sends.
    """

    requirement_s: float
    direction: Direction


@dataclass(frozen=True)
class Answered:
    """One answer.

    Attributes:
        photo: Its number.
        death: Of its link.
        plan: What was wanted.
        exit: What answered.
        went_from: The partition point of the tensor that the device began with.
        passed: The exits on the way.
        is_right: Whether the label is the photo's.
    """

    cell: Cell
    method: Method
    photo: int
    death: Death
    plan: str
    exit: str
    went_from: int
    passed: tuple[str, ...]
    latency_s: float
    is_right: bool


def measure(spec: Path, cells: Sequence[Cell], photos: int, cache: Path) -> Iterator[list[Answered]]:
    """Every cell in a process of its own: a slow device sleeps most of the time."""
    with ProcessPoolExecutor(_AT_ONCE, mp_context=get_context("spawn")) as processes:
        futures = [processes.submit(_measure_cell, spec, cell, photos, cache) for cell in cells]
        for future in as_completed(futures):
            yield future.result()


def _measure_cell(spec: Path, cell: Cell, photos: int, cache: Path) -> list[Answered]:
    """All photos on all devices, in turns."""
    network = Network.open(read_spec(spec), cache)
    device = Device(network, SlowSessions(network, SLOWDOWN), cell.direction)
    held_out = held_out_data(network.spec)
    order = held_out.order(_SEED)
    random = np.random.default_rng(_SEED)
    answers = []
    for number in range(photos + _WARM_UP):
        [batch] = held_out.batches(1, order[[number % len(order)]])
        kind: Kind = "reset" if number % 2 else "silence"
        share = float(random.uniform())
        for method in METHODS if number % 4 < 2 else reversed(METHODS):
            decision = device.chooser.decide(cell.requirement_s)
            device.load(decision.plan)
            seconds = device.chooser.table.seconds[:, decision.index]
            writing_s = float(seconds[Step.ENCODE_UP])
            sent_s = decision.latency_s - writing_s - float(seconds[Step.RUN_BEFORE])
            death = Death(share * sent_s, kind)
            answer = device.answer(batch.images[0], cell.requirement_s, method, death, writing_s)
            if number >= _WARM_UP:
                is_right = answer.class_index == int(batch.labels[0])
                answers.append(_answered(cell, method, number - _WARM_UP, death, answer, is_right))
    return answers


def _answered(
    cell: Cell, method: Method, photo: int, death: Death, answer: Answer, is_right: bool
) -> Answered:
    return Answered(
        cell,
        method,
        photo,
        death,
        str(answer.wanted),
        answer.plan.exit,
        answer.went_from,
        answer.passed,
        answer.latency_s,
        is_right,
    )
