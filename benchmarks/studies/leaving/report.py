"""The report of leaving early: the same photos with exits on the way asked, and without."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from matplotlib.figure import Figure

from benchmarks.studies.leaving.leaving import OWN_CHOICE, RATE_BPS, SLOWDOWN, Asked, Photo
from benchmarks.studies.study import Picture, Report, Table

_COLOURS = ("#1b9e77", "#7570b3", "#d95f02")

_NOTE = (
    "A line is the share of the photos that are answered within so long. Each panel has a scale of its own; "
    "where a rule changes nothing, lines lie on each other. Of each kind of plan one is drawn; bytes are "
    "left out, the table has them."
)


def report(asked: Sequence[Asked]) -> Report:
    """The report of one run."""
    kinds = [(kind, list(of_kind)) for kind, of_kind in groupby(asked, lambda one: one.kind)]
    facts = [_fact(kind, of_kind) for kind, of_kind in kinds if kind != OWN_CHOICE]
    rows = [row for _, of_kind in kinds for row in _rows(of_kind)]
    heads = (
        "kind",
        "plan",
        "loss",
        "left",
        "predicted, ms",
        "mean, ms",
        "of it without",
        "bytes",
        "of those",
    )
    note = (
        f"{len(asked[0].replies)} photos one by one, the device {SLOWDOWN:g}x slower in what it computes, "
        f"{RATE_BPS / 1e3:g} kbps up and down; with and without a rule interleaved, but for {OWN_CHOICE}: "
        "there one runtime after the other goes by what it chooses for the least latency. loss: what leaving "
        "early may cost (none: nobody is asked). left: share of the photos that left before the plan's exit. "
        "bytes: up and down, with what HTTP or gRPC adds, in the mean."
    )
    photos = [
        Photo(
            one.kind,
            one.loss,
            one.plan,
            reply.plan,
            reply.latency_s,
            reply.sent_bytes,
            reply.received_bytes,
        )
        for one in asked
        for reply in one.replies
    ]
    return Report(
        facts,
        [Table("Photo by photo", heads, rows, note)],
        {"leaving-early.png": Picture("Latencies of the answers, the quickest first", _figure(kinds), _NOTE)},
        {"leaving": photos},
    )


def _without(of_kind: Sequence[Asked]) -> Asked:
    return next(one for one in of_kind if one.loss is None)


def _fact(kind: str, of_kind: Sequence[Asked]) -> str:
    without = _without(of_kind)
    ratios = [
        f"{one.mean_s / without.mean_s:.2f} times as long and "
        f"{one.mean_bytes / without.mean_bytes:.0%} of the bytes at loss {one.loss:g}"
        if without.mean_bytes
        else f"{one.mean_s / without.mean_s:.2f} times as long at loss {one.loss:g}"
        for one in of_kind
        if one.loss is not None
    ]
    return f"{kind}: with a rule {', '.join(ratios)}."


def _rows(of_kind: Sequence[Asked]) -> list[tuple[str, ...]]:
    without, is_own = _without(of_kind), of_kind[0].kind == OWN_CHOICE
    return [
        (
            one.kind,
            f"`{one.plan}`",
            "none" if one.loss is None else f"{one.loss:g}",
            f"{one.left:.0%}",
            f"{one.predicted_s * 1e3:,.1f}",
            f"{one.mean_s * 1e3:,.1f}",
            "" if is_own else f"{one.mean_s / without.mean_s:.2f}",
            f"{one.mean_bytes:,.0f}",
            f"{one.mean_bytes / without.mean_bytes:.0%}" if without.mean_bytes and not is_own else "",
        )
        for one in of_kind
    ]


def _figure(kinds: Sequence[tuple[str, Sequence[Asked]]]) -> Figure:
    """Latencies in order, a panel for each kind."""
    figure = Figure(figsize=(2.6 * len(kinds), 3.2), layout="constrained")
    for number, (kind, of_kind) in enumerate(kinds):
        axes = figure.add_subplot(1, len(kinds), number + 1)
        for one, colour in zip(of_kind, _COLOURS, strict=False):
            latency_ms = np.sort([reply.latency_s * 1e3 for reply in one.replies])
            label = "without a rule" if one.loss is None else f"loss {one.loss:g}"
            share = np.arange(1, len(latency_ms) + 1) / len(latency_ms)
            axes.step(latency_ms, share, where="post", color=colour, label=label)
        axes.set(title=kind, xlabel="latency, ms", ylim=(0, 1), xlim=(0, None))
        if number == 0:
            axes.set_ylabel("share of the photos")
            axes.legend(frameon=False, fontsize=8)
    return figure
