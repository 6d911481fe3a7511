"""Whether the figures of a run can be used: the control, and how fast the machine was."""

from collections.abc import Sequence
from statistics import median

from benchmarks.studies.moving.measure import Watched
from benchmarks.studies.workload.control import MOST_CONTROL, control_in_words, is_too_far
from benchmarks.studies.workload.methods import AGAIN, LOCAL_EXIT
from benchmarks.studies.workload.steadiness import MOST_DRIFT, unsteady
from edgent.counted import counted


def unusable(watched: Sequence[Watched]) -> list[str]:
    """Why the figures of a run cannot be compared; empty where they can."""
    if not is_too_far(_control_ratios(watched)):
        return []
    return [f"This run cannot be used: the control differs by more than {MOST_CONTROL:.0%}. Run it again."]


def checks(watched: Sequence[Watched]) -> list[str]:
    """What the control came to, and how fast the machine was, in sentences."""
    return [control_in_words(_control_ratios(watched), "trace"), _speed(watched)]


def _control_ratios(watched: Sequence[Watched]) -> list[float]:
    """Of each trace: how many times as long the same plan takes under its second name."""
    again = {one.trace: one for one in watched if one.method == AGAIN}
    return [
        _median_s(again[one.trace]) / _median_s(one)
        for one in watched
        if one.method == LOCAL_EXIT and one.plan == again[one.trace].plan
    ]


def _speed(watched: Sequence[Watched]) -> str:
    """Where the machine was faster or slower than usual; the figures of these say less."""
    moved = unsteady({(one.trace, one.method, one.plan, one.requirement_s): one.speed_s for one in watched})
    count = f"{len(moved)} of {counted(len(watched), 'time')}"
    said = f"The machine was over {MOST_DRIFT:.0%} faster or slower than usual {count} that a trace was run"
    names = ", ".join(dict.fromkeys(f"{method} on {trace}" for trace, method, *_ in moved))
    return f"{said}: {names}. What was measured then says less." if moved else f"{said}."


def _median_s(watched: Watched) -> float:
    return median(one.latency_s for one in watched.answers if one is not None)
