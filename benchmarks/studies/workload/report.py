"""The report of a run: sentences, tables, pictures, and a row for every answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.studies.comparison.limit import LimitRow
from benchmarks.studies.comparison.other_figures import LIMIT_READING, limit_figure
from benchmarks.studies.study import Picture, Report
from benchmarks.studies.workload.accuracy_picture import accuracy_picture
from benchmarks.studies.workload.agreement import LEVELS, Level, agreement, levels
from benchmarks.studies.workload.answered import Answered, Measured
from benchmarks.studies.workload.cells import cells_of
from benchmarks.studies.workload.conditions import Condition
from benchmarks.studies.workload.kinds import kind_of
from benchmarks.studies.workload.methods import OURS
from benchmarks.studies.workload.plans_picture import plans_picture
from benchmarks.studies.workload.tables import tables
from benchmarks.studies.workload.verdict import facts
from edgent.network import Network
from edgent.planning.plan import Plan

_LIMIT_NOTE = (
    f"{LIMIT_READING} Plans of the device alone are left out, as they send no frame, and so are other "
    "methods and links: what is drawn depends on a frame's size and the bandwidth."
)


@dataclass(frozen=True)
class Row:
    """One answer; a row of the study's file."""

    condition: Condition
    subject: str
    requirement_s: float | None
    answer: Answered


def report(
    measured: Sequence[Measured],
    limits: Sequence[LimitRow],
    network: Network,
    earlier: Sequence[Level] = (),
    *,
    ranks: bool = True,
) -> Report:
    """The report of everything that was measured, and how far it agrees with an earlier run.

    Args:
        measured: Everything.
        limits: What was measured of the distance to the limit.
        network: The flowers'.
        earlier: Of the run that the documentation shows.
        ranks: Whether there are answers enough to say which method is better.
    """
    cells, kinds = cells_of(measured), _kinds(measured, network)
    pictures = {
        "workload-accuracy.png": accuracy_picture(cells),
        "workload-plans.png": plans_picture(cells, kinds),
    }
    if limits:
        pictures["workload-limit.png"] = Picture("Distance to the limit", limit_figure(limits), _LIMIT_NOTE)
    records = {"answers": list(_rows(measured)), "limits": limits, LEVELS: list(levels(measured))}
    sentences = facts(measured, cells, kinds, ranks=ranks) + agreement(measured, earlier)
    return Report(sentences, tables(cells, limits, ranks=ranks), pictures, records)


def _kinds(measured: Sequence[Measured], network: Network) -> Mapping[str, str]:
    """Of every plan that a runtime wanted."""
    wanted = {
        answer.wanted
        for one in measured
        for subject, answers in one.answers.items()
        if subject.name == OURS
        for answer in answers
    }
    layers = {path.exit_name: len(path.layers) for path in network.graph.paths}
    plans = {name: Plan.parse(name) for name in wanted}
    return {name: kind_of(plan, network.feature_codecs, layers[plan.exit]) for name, plan in plans.items()}


def _rows(measured: Sequence[Measured]) -> Iterator[Row]:
    for one in measured:
        for subject, answers in one.answers.items():
            for answer in answers:
                yield Row(one.condition, subject.name, subject.requirement_s, answer)
