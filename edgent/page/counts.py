"""What went wrong, and how often each plan answered, as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.page.words import percent, text

if TYPE_CHECKING:
    from collections import Counter

    from edgent.recording.history import History

_MOST_ROWS = 12
_LONGEST_REASON = 240


def trouble_list(history: History) -> str:
    """Reasons with the number of inputs that each concerned, the most frequent first."""
    if not history.troubles:
        return '<p class="none">None.</p>'
    return _table(("inputs", "reason"), history.troubles, history.answered + history.failed)


def plan_list(history: History) -> str:
    """Plans with the number of answers that each gave, the most frequent first."""
    if not history.plans:
        return '<p class="none">Nothing was answered yet.</p>'
    return _table(("answers", "plan"), history.plans, history.answered)


def _table(heads: tuple[str, str], counts: Counter[str], total: int) -> str:
    rows = "".join(
        f"<tr><td>{count:,}</td><td>{percent(count / total)}</td><td>{text(what, _LONGEST_REASON)}</td></tr>"
        for what, count in counts.most_common(_MOST_ROWS)
    )
    more = len(counts) - _MOST_ROWS
    others = f'<p class="none">and {more:,} more</p>' if more > 0 else ""
    return (
        f"<table><thead><tr><th>{heads[0]}</th><th>share</th><th>{heads[1]}</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>{others}"
    )
