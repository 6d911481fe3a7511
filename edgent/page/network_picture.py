"""The last plan as a picture of the network: who ran which layers, and what crossed the link, as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from edgent.counted import counted
from edgent.page.words import milliseconds, percent, plan, size, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.recording.description import RecordedExit
    from edgent.recording.history import History
    from edgent.recording.lines import RecordedAnswer


class _Part(NamedTuple):
    """Layers that one node ran."""

    node: str
    start: int
    stop: int
    took_ms: float


def network_picture(history: History) -> str:
    """A row of cells for each exit's layers; those of the exit that answered at last, by who ran them."""
    if not history.answers:
        return '<p class="none">Nothing was answered yet.</p>'
    answer = history.answers[-1]
    rows = "".join(
        _answering_row(one, answer) if one.name == answer.exit else _other_row(one)
        for one in history.description.exits
    )
    planned = "" if answer.wanted == answer.plan else f" Planned was <b>{plan(answer.wanted)}</b>."
    said = f"The last answer came by <b>{plan(answer.plan)}</b>.{planned}"
    key = "".join(f'<span class="{node}"><i></i>{words}</span>' for node, words in _KEY.items())
    return f'<p>{said}</p><p class="key">{key}</p>{rows}'


_KEY = {"device": "runs on the device", "edge": "runs on the edge", "idle": "not run"}


def _answering_row(exit_: RecordedExit, answer: RecordedAnswer) -> str:
    pieces = []
    for part in _parts(len(exit_.layers), answer):
        if part.node == "edge":
            pieces.append(_crossing("↑", answer.codec.get("input", ""), answer.sent_bytes))
        pieces.append(_run(part, exit_.layers[part.start : part.stop]))
        if part.node == "edge":
            pieces.append(_crossing("↓", answer.codec.get("activation", ""), answer.received_bytes))
    return f'<div class="row now">{_name(exit_)}<div class="path">{"".join(pieces)}</div></div>'


def _other_row(exit_: RecordedExit) -> str:
    cells = _cells(exit_.layers, 0)
    run = f'<div class="run idle"><div class="cells">{cells}</div></div>'
    return f'<div class="row">{_name(exit_)}<div class="path">{run}</div></div>'


def _parts(layers: int, answer: RecordedAnswer) -> list[_Part]:
    """Who ran which layers of a path of so many, in their order."""
    start, stop = (min(point, layers) for point in answer.window)
    parts = [
        _Part("device", 0, start, answer.timeline_ms.get("before") or 0.0),
        _Part("edge", start, stop, answer.timeline_ms.get("edge") or 0.0),
        _Part("device", stop, layers, answer.timeline_ms.get("device") or 0.0),
    ]
    return [part for part in parts if part.stop > part.start]


def _run(part: _Part, layers: Sequence[str]) -> str:
    words = f"<b>{part.node}</b> {counted(len(layers), 'layer')}, {milliseconds(part.took_ms)}"
    return (
        f'<div class="run {part.node}" style="flex-grow:{len(layers)}">'
        f'<small>{words}</small><div class="cells">{_cells(layers, part.start)}</div></div>'
    )


def _cells(layers: Sequence[str], start: int) -> str:
    return "".join(
        f'<i title="layer {number}: {text(name)}"></i>' for number, name in enumerate(layers, start + 1)
    )


def _crossing(arrow: str, codec: str, size_bytes: int) -> str:
    return f'<div class="crossing"><b>{arrow}</b><small>{text(codec)}<br>{size(size_bytes)}</small></div>'


def _name(exit_: RecordedExit) -> str:
    accuracy = "" if exit_.accuracy is None else f"<small>{percent(exit_.accuracy)}</small>"
    return f'<div class="name">{text(exit_.name)}{accuracy}</div>'
