"""How many edges it takes, in sentences: whether they are enough, why not, and what devices make of that."""

from edgent.capacity.need import Need
from edgent.capacity.shortfall import Shortfall
from edgent.counted import counted
from edgent.units import milliseconds, three_digits

_LEAST_TOLD = 0.0005
"""Shares of local exits that are smaller are not told."""
_BUSY_DEVICE = 0.8
"""Share of its time from which on a device's requests wait for each other, which is not simulated."""


def capacity_sentences(one: Need) -> list[str]:
    """What there is to say of one answer."""
    told = [_verdict(one)]
    if one.idle.late_share > one.late_share:
        told.append(
            f"Where nobody waits on an edge {one.idle.late_share:.1%} are late already: not edges are "
            "wanting. A longer requirement, a quicker device or quicker links may help."
        )
    elif one.shortfalls:
        told += [_why_not(one), *([_cause(one)] if one.found.edges else [])]
    return [*told, *_local_exits(one), *_busy_device(one)]


def _verdict(one: Need) -> str:
    """Whether the edges are enough."""
    devices = f"{counted(one.devices, 'device')} of {one.name} that ask at {one.rate_hz:g} Hz each"
    figures, within = one.found, f"within {milliseconds(one.latency_requirement_s)}"
    allowed = f"load may make {100 * one.late_share:g} % late and cost {one.loss:g} of {one.measure}"
    if figures.workers is None:
        return f"No number of edges is enough for {devices}, {within}."
    if not figures.edges:
        need = "No edge is needed for" if one.is_enough else "Without an edge it is not enough for"
        return f"{need} {devices}, {within}, where {allowed}."
    edges = f"{counted(figures.edges, 'edge')} of {counted(figures.workers, 'worker')}"
    edges += " each" * (figures.edges > 1)
    verb = "is" if figures.edges == 1 else "are"
    if one.is_given:
        need = f"{edges}, as given, {verb} {'' if one.is_enough else 'not '}enough"
    else:
        need = f"{edges} {verb} needed" if one.is_enough else f"Not even {edges} {verb} enough"
    return f"{need} for {devices}, {within}, where {allowed}."


def _why_not(one: Need) -> str:
    """Which conditions do not hold, and by how much."""
    figures, idle = one.found, one.idle
    added = figures.missed_share - idle.missed_share
    lost = (idle.accuracy or 0.0) - (figures.accuracy or 0.0)
    reasons = {
        Shortfall.LATE: f"{figures.late_share:.1%} are late",
        Shortfall.FOR_THE_EDGE: f"load makes {added:.1%} late for the edge",
        Shortfall.ACCURACY: f"answers in time lose {lost:.3f} of {one.measure}",
    }
    return f"Why not: {', '.join(reasons[each] for each in one.shortfalls)}."


def _cause(one: Need) -> str:
    """Whether so many requests are too many on the whole, or only now and then."""
    busy, there = three_digits(one.busy_workers), counted(one.found.total_workers, "worker")
    if one.busy_workers > one.found.total_workers:
        return (
            f"The rate is too high: these requests would keep {busy} workers busy, and all edges together "
            f"have {there}. It takes more, or a lower rate."
        )
    return (
        f"The rate is not too high, for {busy} of {there} would be busy in the mean; but at times requests "
        f"wait longer than {milliseconds(one.latency_requirement_s)} leave room for. More workers or a "
        "longer requirement may help."
    )


def _local_exits(one: Need) -> list[str]:
    """How many requests are answered by the exit that stands by, and how well."""
    figures, idle = one.found, one.idle
    if figures.stood_by_accuracy is None or figures.stood_by_share < _LEAST_TOLD:
        return []
    a_second = three_digits(figures.stood_by_share * one.devices * one.rate_hz)
    sentence = (
        f"Local exits answer {figures.stood_by_share:.1%} of the requests, {a_second} a second, whose edge "
        f"is late or refuses ({idle.stood_by_share:.1%} where nobody waits): their {one.measure} is "
        f"{figures.stood_by_accuracy:.3f}, that of all answers {figures.accuracy:.3f}."
    )
    return [sentence]


def _busy_device(one: Need) -> list[str]:
    """That a device is asked nearly as often as it can answer, or oftener."""
    busy = one.found.device_utilisation
    if busy < _BUSY_DEVICE:
        return []
    verb = "would have to compute" if busy > 1 else "computes"
    sentence = (
        f"A device {verb} for {busy:.0%} of the time, and is simulated as if each request were its only one: "
        "a real one is late more often. Ask for less with --rate."
    )
    return [sentence]
