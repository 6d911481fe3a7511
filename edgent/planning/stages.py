"""The stages of a plan: what is done with one input, where, and in which order.

Cost, execution, calibration, tables and explanations all walk this list. One more kind of cost is one more
step here.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from typing import Literal

from edgent.planning.plan import FLOAT32, Plan

Place = Literal["device", "edge", "link"]


class Step(IntEnum):
    """What a stage does, in the order in which stages follow each other; a row of the cost table.

    Attributes:
        place: the node whose time it takes; ``link`` for what crosses it, whose time follows from bytes.
        part: what people are told that its time is, together with that of other steps of the same part.

    Exits are asked in between layers; their own layers are a step behind these. Overhead and what makes an
    input of a photo's file are no stage of a plan: every plan has the one, all that need pixels the other.
    """

    place: Place
    part: str

    def __new__(cls, row: int, place: Place, part: str) -> "Step":
        """A member: its row, and what is said of it."""
        step = int.__new__(cls, row)
        step._value_ = row
        step.place = place
        step.part = part
        return step

    OVERHEAD = 0, "device", "overhead"
    PREPARE = 1, "device", "photo decoded"
    RUN_BEFORE = 2, "device", "device layers"
    ASK_BEFORE = 3, "device", "exits asked"
    ENCODE_UP = 4, "device", "codecs"
    MOVE_UP = 5, "link", "upload"
    DECODE_UP = 6, "edge", "codecs"
    RUN_EDGE = 7, "edge", "edge layers"
    ASK_EDGE = 8, "edge", "exits asked"
    ENCODE_DOWN = 9, "edge", "codecs"
    MOVE_DOWN = 10, "link", "download"
    DECODE_DOWN = 11, "device", "codecs"
    RUN_DEVICE = 12, "device", "device layers"
    ASK_DEVICE = 13, "device", "exits asked"


def steps_at(place: Place) -> tuple[Step, ...]:
    """The steps that take a node's time, or cross the link."""
    return tuple(step for step in Step if step.place == place)


DEVICE_STEPS, EDGE_STEPS, MOVES = steps_at("device"), steps_at("edge"), steps_at("link")
BEFORE_REQUEST = tuple(step for step in DEVICE_STEPS if step < Step.MOVE_UP)
"""What the device does until the edge is asked."""
AFTER_ARRIVAL = tuple(step for step in DEVICE_STEPS if step > Step.MOVE_DOWN)
"""What the device does once the edge's answer is there."""


@dataclass(frozen=True)
class Jump:
    """A feature codec on an exit's path: its encoder takes the place of layers [reads, gives).

    Attributes:
        codec: its name.
        reads, gives: the partition points of what its encoder reads and of what its decoder gives.
        is_up: whether its codes go up to the edge.
    """

    codec: str
    reads: int
    gives: int
    is_up: bool


@dataclass(frozen=True)
class Stage:
    """One step of a plan.

    Attributes:
        step: what it does.
        exit: on whose path.
        start, stop: the layers [start, stop) that it runs; where a tensor crosses the link, both are its cut,
            0 for the input.
        codec: how that tensor is written; None where layers run.
        decoder, encoder: names of the feature codecs of which one is decoded before these layers, and the
            other encoded behind them.
    """

    step: Step
    exit: str
    start: int
    stop: int
    codec: str | None = None
    decoder: str | None = None
    encoder: str | None = None

    @property
    def measured_as(self) -> tuple[object, ...]:
        """What is measured and learnt together: all exits have the same input."""
        place = () if self.stop == 0 else (self.exit, self.start, self.stop)
        return (self.step, *place, self.codec, self.decoder, self.encoder)

    @property
    def parts(self) -> tuple["Stage", ...]:
        """Its decoder, its layers and its encoder, as far as it has them, each as a stage of its own."""
        found = []
        if self.decoder:
            found.append(replace(self, stop=self.start, encoder=None))
        if self.start < self.stop:
            found.append(replace(self, decoder=None, encoder=None))
        if self.encoder:
            found.append(replace(self, start=self.stop, decoder=None))
        return tuple(found)


@lru_cache(maxsize=4096)
def stages(plan: Plan, layers: int, jumps: tuple[Jump, ...] = ()) -> tuple[Stage, ...]:
    """The stages of a plan.

    Args:
        plan: what is done with an input.
        layers: how many layers the path of its exit has.
        jumps: the feature codecs of that path.

    >>> [stage.step.name for stage in stages(Plan("exit1", 3), layers=3)]
    ['ENCODE_UP', 'MOVE_UP', 'DECODE_UP', 'RUN_EDGE', 'ENCODE_DOWN', 'MOVE_DOWN', 'DECODE_DOWN']
    """
    if not plan.remote:
        return (run_on_device(plan.exit, 0, layers),)
    by_name = {jump.codec: jump for jump in jumps}
    up, down = by_name.get(plan.codec_up), by_name.get(plan.codec_down)
    return (
        *before_window(plan.exit, plan.start, up),
        *crossing_up(plan.exit, plan.start, plan.codec_up),
        run_on_edge(plan.exit, plan.start, plan.stop, up, down),
        # The answer itself is always written as it is.
        *crossing_down(plan.exit, plan.stop, FLOAT32 if plan.stop == layers else plan.codec_down),
        *after_window(plan.exit, plan.stop, layers, down),
    )


def before_window(exit_name: str, start: int, jump: Jump | None = None) -> tuple[Stage, ...]:
    """What the device runs before a window that starts there; nothing where that is the input.

    Where a feature codec goes up, the layers before it and its encoder.
    """
    if jump is not None:
        return (Stage(Step.RUN_BEFORE, exit_name, 0, jump.reads, encoder=jump.codec),)
    return (Stage(Step.RUN_BEFORE, exit_name, 0, start),) if start else ()


def crossing_up(exit_name: str, point: int, codec: str) -> tuple[Stage, ...]:
    """A tensor on its way to the edge: written here, moved, read there."""
    steps = (Step.ENCODE_UP, Step.MOVE_UP, Step.DECODE_UP)
    return tuple(Stage(step, exit_name, point, point, codec) for step in steps)


def run_on_edge(
    exit_name: str, start: int, stop: int, up: Jump | None = None, down: Jump | None = None
) -> Stage:
    """Layers [start, stop) of an exit's path, on the edge, between the feature codecs on either side."""
    return Stage(
        Step.RUN_EDGE,
        exit_name,
        start,
        stop,
        decoder=None if up is None else up.codec,
        encoder=None if down is None else down.codec,
    )


def crossing_down(exit_name: str, point: int, codec: str) -> tuple[Stage, ...]:
    """A tensor on its way back: written on the edge, moved, read here."""
    steps = (Step.ENCODE_DOWN, Step.MOVE_DOWN, Step.DECODE_DOWN)
    return tuple(Stage(step, exit_name, point, point, codec) for step in steps)


def after_window(exit_name: str, stop: int, layers: int, jump: Jump | None = None) -> tuple[Stage, ...]:
    """What the device runs after a window; nothing where the window ends with the path.

    Where a feature codec comes down, its decoder and the layers behind it.
    """
    if jump is not None:
        return (Stage(Step.RUN_DEVICE, exit_name, jump.gives, layers, decoder=jump.codec),)
    return (run_on_device(exit_name, stop, layers),) if stop < layers else ()


def run_on_device(exit_name: str, start: int, stop: int) -> Stage:
    """Layers [start, stop) of an exit's path, on the device."""
    return Stage(Step.RUN_DEVICE, exit_name, start, stop)
