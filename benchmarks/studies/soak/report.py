"""What a soak came to: how memory, threads and file descriptors changed after the warm-up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from benchmarks.studies.palette import CYCLE
from benchmarks.studies.soak.measure import Sample
from benchmarks.studies.study import Picture, Report, Table

_WARM_UP = 0.25
"""The share of the samples before the comparison: the JVM compiles and sizes its heap meanwhile."""
_FLAT_MEMORY = 0.05
_QUANTITIES = {"resident_mb": "resident MB", "threads": "threads", "descriptors": "file descriptors"}

_PICTURE = "Memory, threads and file descriptors over the requests"
_NOTE = (
    "The worker is TorchServe's Python process, which computes. All samples are drawn, those of the warm-up, "
    "the first quarter, too."
)


@dataclass(frozen=True)
class Drift:
    """A quantity of a process over the run.

    Attributes:
        before, after: Medians of the quarter after the warm-up and of the last quarter.
    """

    process: str
    quantity: str
    before: float
    after: float
    is_flat: bool


def drifts_of(samples: Mapping[str, Sequence[Sample]]) -> list[Drift]:
    """What changed in every process from the quarter after the warm-up to the last quarter."""
    drifts = []
    for process, taken in samples.items():
        settled = taken[int(len(taken) * _WARM_UP) :]
        quarter = max(len(settled) // 4, 1)
        for attribute, quantity in _QUANTITIES.items():
            before, after = (
                float(np.median([getattr(sample, attribute) for sample in part]))
                for part in (settled[:quarter], settled[-quarter:])
            )
            allowed = _FLAT_MEMORY * before if attribute == "resident_mb" else 1.0
            drifts.append(Drift(process, quantity, before, after, after - before <= allowed))
    return drifts


def is_flat(drifts: Sequence[Drift]) -> bool:
    """Whether nothing grows."""
    return all(drift.is_flat for drift in drifts)


def report(samples: Mapping[str, Sequence[Sample]], drifts: Sequence[Drift], counted: str) -> Report:
    """The report of a run; `counted` says how many requests, in how long, and how many by the edge."""
    verdict = "Everything is flat." if is_flat(drifts) else "Something grows."
    rows = [
        (
            drift.process,
            drift.quantity,
            f"{drift.before:.1f}",
            f"{drift.after:.1f}",
            "yes" if drift.is_flat else "no",
        )
        for drift in drifts
    ]
    return Report(
        [f"{counted} answered by way of the edge. {verdict}"],
        [Table("", ("process", "quantity", "before", "after", "flat"), rows)],
        {"soak.png": Picture(_PICTURE, _figure(samples), _NOTE)},
        {"soak": [sample for taken in samples.values() for sample in taken]},
    )


def _figure(samples: Mapping[str, Sequence[Sample]]) -> Figure:
    figure = Figure(figsize=(8, 7), layout="constrained")
    panels = figure.subplots(len(_QUANTITIES), 1, sharex=True)
    for axes, (attribute, quantity) in zip(panels, _QUANTITIES.items(), strict=True):
        axes.set_prop_cycle(color=CYCLE)
        for name, taken in samples.items():
            requests = [sample.requests / 1e3 for sample in taken]
            axes.plot(requests, [getattr(sample, attribute) for sample in taken], label=name)
        axes.set(ylabel=quantity)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    panels[0].legend(loc="lower right", ncols=len(samples))
    panels[-1].set_xlabel("requests, thousands")
    return figure
