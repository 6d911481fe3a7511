"""The report of asymmetric links: predictions, and the link as it was believed to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.studies.asymmetric.measure import LEARNING_REQUESTS, Asked
from benchmarks.studies.study import Report, Table
from edgent.planning.plan import Plan

LARGEST_ERROR = 0.05
"""Wanted of predictions after the learning."""
LARGEST_LINK_ERROR = 0.10
"""Wanted of both bandwidths."""
_PREDICTED = ("up, down (Mbps)", "round trip (ms)", "by", "wish", "plan", "took (ms)", "predicted", "off by")
_BELIEVED = ("up, down (Mbps)", "round trip (ms)", "by", "up", "down", "round trip", "exchange", "took (ms)")


@dataclass(frozen=True)
class Request:
    """One request; a row of the study's file."""

    wish: str
    interface: str
    upload_bps: float
    download_bps: float
    round_trip_s: float
    number: int
    wanted: Plan
    plan: Plan
    predicted_s: float | None
    latency_s: float
    network_s: float
    edge_s: float
    sent_bytes: int
    received_bytes: int


def report(asked: Sequence[Asked]) -> Report:
    """What was predicted and believed on every link."""
    return Report(
        _facts(asked), [_predictions(asked), _beliefs(asked)], records={"requests": _requests(asked)}
    )


def _facts(asked: Sequence[Asked]) -> list[str]:
    errors = [one.error for one in asked if one.settled]
    good = sum(error <= LARGEST_ERROR for error in errors)
    asking = [one for one in asked if one.plan.remote]
    facts = [
        (
            f"Predictions: {good} of {len(errors)} within {LARGEST_ERROR:.0%}, "
            f"{median(errors):.1%} off in the median, {max(errors):.0%} at worst."
        )
    ]
    for way, off in (("upload", _off_up), ("download", _off_down)):
        near = sum(abs(off(one)) <= LARGEST_LINK_ERROR for one in asking)
        facts.append(
            f"Bandwidth of the {way}, where the edge was asked: {near} of {len(asking)} within "
            f"{LARGEST_LINK_ERROR:.0%}."
        )
    return facts


def _predictions(asked: Sequence[Asked]) -> Table:
    rows = []
    for one in asked:
        if not one.settled:
            continue
        took_s = median(reply.latency_s for reply in one.settled)
        predicted_s = median(reply.predicted_s or 0.0 for reply in one.settled)
        figures = (f"{took_s * 1e3:.0f}", f"{predicted_s * 1e3:.0f}", f"{one.error:.1%} ({one.bias:+.1%})")
        rows.append((*_link_cells(one), one.wish, f"`{one.plan}`", *figures))
    note = f"After {LEARNING_REQUESTS} requests; in brackets with its sign."
    return Table("Predictions", _PREDICTED, rows, note)


def _beliefs(asked: Sequence[Asked]) -> Table:
    rows = []
    for one in asked:
        exchanges_s = one.exchanges_s()
        if exchanges_s is None:
            continue
        believed_s, took_s = exchanges_s
        rows.append(
            (
                *_link_cells(one),
                f"{_off(one.first.upload_bps, one.link.upload_bps):+.0%}, {_off_up(one):+.0%}",
                f"{_off(one.first.download_bps, one.link.download_bps):+.0%}, {_off_down(one):+.0%}",
                f"{one.first.round_trip_s * 1e3:.0f}, {one.last.round_trip_s * 1e3:.0f} ms",
                f"{believed_s * 1e3:.0f}",
                f"{took_s * 1e3:.0f}",
            )
        )
    note = (
        "Where the edge was asked: bandwidths against the wire's, as measured first and as believed at the "
        "end; likewise the round trip, with TorchServe in it; what an exchange takes by that, and took."
    )
    return Table("The link as the runtime sees it", _BELIEVED, rows, note)


def _link_cells(one: Asked) -> tuple[str, str, str]:
    link = one.link
    rates = f"{link.upload_bps / 1e6:g}, {link.download_bps / 1e6:g}"
    return rates, f"{link.round_trip_s * 1e3:.0f}", one.interface


def _off_up(one: Asked) -> float:
    return _off(one.last.upload_bps, one.link.upload_bps)


def _off_down(one: Asked) -> float:
    return _off(one.last.download_bps, one.link.download_bps)


def _off(believed: float, true: float) -> float:
    return believed / true - 1


def _requests(asked: Sequence[Asked]) -> list[Request]:
    return [
        Request(
            one.wish,
            one.interface,
            one.link.upload_bps,
            one.link.download_bps,
            one.link.round_trip_s,
            number,
            reply.wanted,
            reply.plan,
            reply.predicted_s,
            reply.latency_s,
            reply.network_s,
            reply.edge_s,
            reply.sent_bytes,
            reply.received_bytes,
        )
        for one in asked
        for number, reply in enumerate(one.replies)
    ]
