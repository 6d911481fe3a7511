"""The whole page: figures and HTML of a history, which may grow while it is looked at."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bokeh.events import DocumentReady
from bokeh.models import ColumnDataSource, CustomJS, DataRange1d, InlineStyleSheet
from bokeh.models.widgets import Div

from edgent.page.charts import accuracy_chart, bandwidth_chart, exit_chart, latency_chart
from edgent.page.columns import answer_columns, link_columns
from edgent.page.counts import plan_list, trouble_list
from edgent.page.network_picture import network_picture
from edgent.page.photo_strip import photo_strip
from edgent.page.summary import summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from bokeh.document import Document

    from edgent.page.charts import Chart
    from edgent.recording.history import History

_HERE = Path(__file__).parent
_PARTS: dict[str, tuple[str, Callable[[History], str]]] = {
    "summary": ("Now", summary),
    "network": ("The network under the last plan", network_picture),
    "photos": ("Last pictures", photo_strip),
    "plans": ("Plans", plan_list),
    "troubles": ("Errors", trouble_list),
}
"""HTML parts by name: heading, and what writes them."""


class Page:
    """One view of a history."""

    def __init__(self, history: History, most_answers: int) -> None:
        """Draw what the history has so far.

        Args:
            history: what is shown; it may grow.
            most_answers: how many of the last answers figures have.
        """
        self._history, self._most_answers = history, most_answers
        self._shown = max(history.answered - most_answers, 0)
        self._layers = {one.name: len(one.layers) for one in history.description.exits}
        self._answers = ColumnDataSource(answer_columns([], 0.0, {}), name="answers")
        self._links = {
            edge: ColumnDataSource(link_columns([], 0.0, edge), name=f"link {edge}")
            for edge in history.description.edges
        }
        sheet = InlineStyleSheet(css=(_HERE / "parts.css").read_text(encoding="utf-8"))
        self._parts = {
            name: Div(name=name, disable_math=True, stylesheets=[sheet], sizing_mode="stretch_width")
            for name in _PARTS
        }
        self.update()

    def update(self) -> None:
        """Show what the history has got since."""
        new = self._history.since(self._shown)
        started_s = self._history.description.started_s
        if new:
            rows = answer_columns(new, started_s, self._layers)
            self._answers.stream(rows, rollover=self._most_answers)
            for edge, source in self._links.items():
                source.stream(link_columns(new, started_s, edge), rollover=self._most_answers)
        self._shown = self._history.answered
        for name, part in self._parts.items():
            html = _PARTS[name][1](self._history)
            if part.text != html:
                part.text = html

    def fill(self, document: Document) -> None:
        """Make a document this page."""
        charts, description = self._charts(), self._history.description
        figures = [chart.plot for chart in charts]
        for root in (*self._parts.values(), *figures):
            document.add_root(root)
        document.title = f"edgent: {description.pipeline}"
        template = (_HERE / "page.html").read_text(encoding="utf-8")
        document.template = template  # type: ignore[assignment]  # the setter takes text, too
        document.template_variables.update(
            pipeline=description.pipeline,
            begun=datetime.fromisoformat(description.started).strftime("%d %B %Y, %H:%M:%S"),
            version=description.edgent,
            headings={name: heading for name, (heading, _) in _PARTS.items()},
            charts=charts,
        )
        painted = {
            "figures": figures,
            "axes": [axis for one in figures for axis in one.axis],
            "grids": [grid for one in figures for grid in one.grid],
        }
        code = (_HERE / "paint.js").read_text(encoding="utf-8")
        document.js_on_event(DocumentReady, CustomJS(args=painted, code=code))

    def _charts(self) -> list[Chart]:
        description, times = self._history.description, DataRange1d()
        begun = datetime.fromisoformat(description.started).strftime("%H:%M:%S")
        x_label = f"seconds since {begun}"
        exits = [one.name for one in description.exits]
        return [
            latency_chart(self._answers, times, x_label),
            *(bandwidth_chart(source, edge, times, x_label) for edge, source in self._links.items()),
            exit_chart(self._answers, exits, times, x_label),
            accuracy_chart(self._answers, description.measure, times, x_label),
        ]
