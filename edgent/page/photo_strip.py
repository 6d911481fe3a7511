"""The last inputs that are pictures, with their answers, as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.page.words import milliseconds, percent, text

if TYPE_CHECKING:
    from edgent.recording.history import History
    from edgent.recording.lines import RecordedAnswer


def photo_strip(history: History) -> str:
    """The newest first: picture, label, confidence, latency."""
    if not history.photos:
        return '<p class="none">No pictures were recorded.</p>'
    return f'<div class="photos">{"".join(map(_figure, reversed(history.photos)))}</div>'


def _figure(answer: RecordedAnswer) -> str:
    sure = "" if answer.confidence is None else f" {percent(answer.confidence)}"
    right = {None: "", True: " ✓", False: f" ✗ {text(answer.expected or '')}"}[answer.is_right]
    late = " late" if answer.is_late else ""
    return (
        f'<figure><img alt="{text(answer.input)}" src="data:image/jpeg;base64,{answer.photo}">'
        f"<figcaption><b>{text(answer.label or answer.exit)}</b>{sure}{right}"
        f"<small>{text(answer.exit)}, {milliseconds(answer.latency_ms)}{late}</small></figcaption></figure>"
    )
