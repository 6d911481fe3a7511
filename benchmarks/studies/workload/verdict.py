"""What a run comes to, in sentences; and whether its figures can be used."""

from collections.abc import Callable, Mapping, Sequence
from statistics import mean, median

from benchmarks.studies.workload.answered import Measured
from benchmarks.studies.workload.cells import LEVEL, Cell, Outcome, others, possible
from benchmarks.studies.workload.control import MOST_CONTROL
from benchmarks.studies.workload.kinds import FEATURES, WINDOW
from benchmarks.studies.workload.lead import lead
from benchmarks.studies.workload.methods import OURS
from benchmarks.studies.workload.same_plan import controls, uncontrolled
from benchmarks.studies.workload.steadiness import MOST_DRIFT, unsteady
from edgent.counted import counted


def facts(
    measured: Sequence[Measured], cells: Sequence[Cell], kinds: Mapping[str, str], *, ranks: bool = True
) -> list[str]:
    """The sentences of a report.

    Args:
        measured: Everything.
        cells: Of it.
        kinds: Of every plan that ours wanted.
        ranks: Whether there are answers enough to say which method is better.
    """
    asked = possible(cells)
    return [
        *(unusable(measured) if ranks else ()),
        *(_ranking(asked, kinds) if ranks else [_too_few(asked)]),
        _late(asked),
        *controls(measured),
        _speed(measured),
    ]


def _ranking(cells: Sequence[Cell], kinds: Mapping[str, str]) -> list[str]:
    """Which method is better, and where."""
    slowdowns = sorted({one.condition.slowdown for one in cells})
    return [
        _means(cells),
        _behind(cells, lambda cell: cell.best_other, "another method"),
        _behind(cells, lambda cell: cell.best_of_network, "a method that runs the same network"),
        *(_cuts(cells, slowdown, kinds) for slowdown in slowdowns),
    ]


def _too_few(cells: Sequence[Cell]) -> str:
    """Why nothing is ranked."""
    asked = sum(len(cell.ours.answers) for cell in cells)
    return (
        f"{asked} answers of {OURS} show that everything runs; they are too few to say which method is "
        "better."
    )


def unusable(measured: Sequence[Measured]) -> list[str]:
    """Why the figures of a run cannot be compared; empty where they can."""
    reasons = []
    twice = uncontrolled(measured)
    if twice:
        reasons.append(
            f"This run cannot be used: the control differs by more than {MOST_CONTROL:.0%}. Run it again: it "
            f"measures {counted(len(twice), 'link')} anew."
        )
    moved = unsteady({one.condition: one.speed_s for one in measured})
    if moved:
        reasons.append(
            f"This run cannot be used: the machine's speed differed by more than {MOST_DRIFT:.0%} on "
            f"{len(moved)} of {len(measured)} links. Let nothing else run and run it again: it measures "
            "those anew."
        )
    return reasons


def _speed(measured: Sequence[Measured]) -> str:
    """How fast the machine was."""
    usual_s = median(one.speed_s for one in measured)
    least, most = (extreme(one.speed_s / usual_s - 1 for one in measured) for extreme in (min, max))
    return (
        f"From beginning to end the time of a fixed computation differed from the usual by {least:+.1%} to "
        f"{most:+.1%}."
    )


def _means(cells: Sequence[Cell]) -> str:
    ours = mean(cell.ours.accuracy_in_time for cell in cells)
    names = [outcome.method for outcome in others(cells[0])]
    by_name = {name: mean(cell.outcomes[name].accuracy_in_time for cell in cells) for name in names}
    best = max(by_name, key=by_name.__getitem__)
    together = mean(cell.best_other.accuracy_in_time for cell in cells)
    same = mean(cell.best_of_network.accuracy_in_time for cell in cells)
    ahead = lead(cells, lambda cell: cell.outcomes[best].accuracy_in_time)
    of_all = lead(cells, lambda cell: cell.best_other.accuracy_in_time)
    return (
        f"On the mean of {len(cells)} cells in which something is in time, accuracy in time is {ours:.1%} "
        f"for {OURS}, {by_name[best]:.1%} for the best other method ({best}), and {together:.1%} for the "
        f"best of all others, chosen anew in each cell after the fact ({same:.1%} without the small network, "
        f"which is another one). {OURS.capitalize()} is ahead by {ahead} and by {of_all}."
    )


def _behind(cells: Sequence[Cell], best: Callable[[Cell], Outcome], whom: str) -> str:
    """In how many cells somebody is ahead of ours, and where most."""

    def behind(cell: Cell) -> float:
        return best(cell).accuracy_in_time - cell.ours.accuracy_in_time

    worst = max(cells, key=behind)
    count = sum(behind(cell) > LEVEL for cell in cells)
    if behind(worst) <= 0:
        return f"In none of {len(cells)} cells {OURS} is behind {whom}."
    return (
        f"In {count} of {len(cells)} cells {OURS} is more than {100 * LEVEL:g} points behind {whom}; at "
        f"most by {100 * behind(worst):.1f} points ({best(worst).method}, {worst.condition}, within "
        f"{worst.requirement_s * 1e3:g} ms)."
    )


def _cuts(cells: Sequence[Cell], slowdown: float, kinds: Mapping[str, str]) -> str:
    """How often the network is cut inside, by ours, and is best so."""
    own = [cell for cell in cells if cell.condition.slowdown == slowdown]
    best = [
        cell
        for cell in own
        if kinds[cell.ours.usual_plan] in (FEATURES, WINDOW)
        and cell.ours.accuracy_in_time > cell.best_other.accuracy_in_time
    ]
    return (
        f"On the device {slowdown:g} times slower a feature codec or a window inside the path is chosen, and "
        f"measured best, in {len(best)} of {len(own)} cells ({len(best) / len(own):.0%})."
    )


def _late(cells: Sequence[Cell]) -> str:
    asked = sum(len(cell.ours.answers) for cell in cells)
    late = sum(one.latency_s > cell.requirement_s for cell in cells for one in cell.ours.answers)
    return f"Of {asked:,} requests of {OURS} in these cells {late} were late ({late / asked:.1%})."
