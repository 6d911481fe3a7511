"""The figures at the head of the page, as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.page.words import bandwidth, milliseconds, percent, plan, text
from edgent.reasons import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.recording.history import History
    from edgent.recording.lines import RecordedBandwidth, RecordedEdge


def summary(history: History) -> str:
    """Tiles of a name, a figure and what qualifies it."""
    if not history.answers:
        return '<p class="none">Nothing was answered yet.</p>'
    return f'<dl class="tiles">{"".join(_tile(*tile) for tile in _tiles(history))}</dl>'


def _tiles(history: History) -> Iterator[tuple[str, str, str]]:
    last = history.answers[-1]
    in_time = 1 - history.late / history.answered
    lost = f", {history.missing:,} more are not recorded" if history.missing else ""
    yield "Answers", f"{history.answered:,}", f"{percent(in_time)} in time{lost}"
    yield "Last latency", milliseconds(last.latency_ms), f"of {milliseconds(last.latency_requirement_ms)}"
    yield "Last plan", plan(last.plan), f"by {text(last.edge or 'the device alone')}"
    measure = history.description.measure
    if last.accuracy is not None:
        yield f"Promised {text(measure)}", percent(last.accuracy), "of such answers on held-out data"
    if history.labelled:
        right = history.right / history.labelled
        yield "Right labels", percent(right), f"of {history.labelled:,} whose label is known"
    for edge in history.edges:
        yield from _edge_tiles(edge, is_only=len(history.edges) == 1)


def _edge_tiles(edge: RecordedEdge, *, is_only: bool) -> Iterator[tuple[str, str, str]]:
    name = "" if is_only else f" of {text(edge.name)}"
    if edge.absence is not None:
        yield f"Edge{name}", "left alone", text(in_words(edge.absence), 160)
    for direction, known in (("Upload", edge.upload_kbps), ("Download", edge.download_kbps)):
        if known is not None:
            yield f"{direction}{name}", bandwidth(known.mean), _band(known)
    if edge.round_trip_ms is not None:
        yield f"Round trip{name}", milliseconds(edge.round_trip_ms), "with nothing in it, queue included"


def _band(known: RecordedBandwidth) -> str:
    if known.low == known.high:
        return "taken as steady"
    return f"80 % between {bandwidth(known.low)} and {bandwidth(known.high)}"


def _tile(name: str, figure: str, note: str) -> str:
    return f"<div><dt>{name}</dt><dd><b>{figure}</b><small>{note}</small></dd></div>"
