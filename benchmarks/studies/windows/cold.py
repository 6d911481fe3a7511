"""First answers of windows that nobody asked for yet, and what others wait meanwhile."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.studies.windows.asking import EdgeWindows, zeros
from benchmarks.studies.windows.memory import Memory
from benchmarks.studies.windows.places import Place
from benchmarks.testbed.progress import Tell


@dataclass(frozen=True)
class Cold:
    """A window that was cold.

    Attributes:
        first_s: From the first ask to the first answer.
        refusals_s: What each refusal before it took.
        bystanders_s: What each request for a warm window took that came between.
        resident_bytes: Of the worker afterwards.
    """

    window: str
    first_s: float
    refusals_s: tuple[float, ...]
    bystanders_s: tuple[float, ...]
    resident_bytes: int


def ask_every_window(
    windows: EdgeWindows, warm: Place, cold: Sequence[Place], pid: int, tell: Tell
) -> list[Cold]:
    """Ask for cold windows one after the other, and between a refusal and the next ask for a warm one.

    Args:
        windows: Whom to ask.
        warm: A window that another device asks for all the time.
        cold: Windows that were never asked for.
        pid: The worker's.
        tell: Is told of the progress.
    """
    found: list[Cold] = []
    at_ease = zeros(warm)
    windows.first_answer(warm, at_ease)
    for number, place in enumerate(cold):
        tell("every window of the pipeline, cold", number / len(cold))
        bystanders_s: list[float] = []

        def ask_warm(took_s: list[float] = bystanders_s) -> None:
            began_s = time.perf_counter()
            windows.first_answer(warm, at_ease)
            took_s.append(time.perf_counter() - began_s)

        first = windows.first_answer(place, zeros(place), meanwhile=ask_warm)
        resident_bytes = Memory.of(pid).resident_bytes
        found.append(Cold(str(place), first.after_s, first.refusals_s, tuple(bystanders_s), resident_bytes))
    return found


def undisturbed_s(windows: EdgeWindows, warm: Place, count: int) -> list[float]:
    """What requests for the warm window take while nothing is loaded."""
    tensor, took_s = zeros(warm), []
    for _ in range(count):
        began_s = time.perf_counter()
        windows.ask(warm, tensor)
        took_s.append(time.perf_counter() - began_s)
    return took_s
