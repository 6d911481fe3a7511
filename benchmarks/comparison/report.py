"""The report: tables as Markdown for docs, and one HTML file that opens from disk."""

import base64
import html
import io
from collections.abc import Mapping, Sequence
from statistics import mean

from matplotlib.figure import Figure

from benchmarks.comparison.methods import METHODS, OURS
from benchmarks.comparison.other_figures import PART_LABELS
from benchmarks.comparison.results import PART_NAMES, Results

Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Headings and rows."""


def tables(results: Results) -> dict[str, Table]:
    """Everything that the report says in figures, by title."""
    found = {"Methods": _methods(results)}
    for requirement_s in results.requirements_s:
        found[f"Within {requirement_s * 1e3:g} ms"] = _grid(results, requirement_s)
    if results.steps:
        found["Traces"] = _traces(results)
    if results.limits:
        found["Distance to the limit, T / T*"] = _limits(results)
        found["Where it goes, ms"] = _parts(results)
    if results.loads:
        found["Many devices"] = _loads(results)
    return found


def _methods(results: Results) -> Table:
    rows = []
    for method in results.methods:
        own = [one for one in results.outcomes if one.method == method]
        what = METHODS[method].what if method in METHODS else "every plan and codec, a local exit standing by"
        accuracy = mean(one.accuracy_in_time for one in own)
        rows.append((method, what, f"{accuracy:.1%}", f"{mean(one.late_share for one in own):.1%}"))
    return ("method", "what it does", "accuracy in time, mean of all cells", "late"), rows


def _grid(results: Results, requirement_s: float) -> Table:
    heads = ("kbps", *results.methods, "plan of ours")
    rows = []
    for rate_bps in results.rates_bps:
        outcomes = [results.outcome(rate_bps, requirement_s, method) for method in results.methods]
        cells = [
            "none" if one.median_s is None else f"{one.median_s * 1e3:.0f} ms, {one.accuracy_in_time:.1%}"
            for one in outcomes
        ]
        rows.append(
            (f"{rate_bps / 1e3:,g}", *cells, str(results.outcome(rate_bps, requirement_s, OURS).plan))
        )
    return heads, rows


def _traces(results: Results) -> Table:
    rows = []
    for policy in dict.fromkeys(one.policy for one in results.steps):
        own = [one for one in results.steps if one.policy == policy]
        late = mean(not one.in_time for one in own)
        accuracy = mean(one.accuracy if one.in_time else 0.0 for one in own)
        reward, throughput = mean(one.reward for one in own), mean(one.throughput for one in own)
        rows.append(
            (policy, f"{len(own)}", f"{late:.1%}", f"{accuracy:.1%}", f"{throughput:.1f}", f"{reward:.2f}")
        )
    return ("policy", "answers", "late", "accuracy in time", "throughput, 1/s", "reward"), rows


def _limits(results: Results) -> Table:
    methods = list(dict.fromkeys(row.method for row in results.limits))
    rates = list(dict.fromkeys(row.rate_bps for row in results.limits))
    by_cell = {(row.rate_bps, row.method): row for row in results.limits}
    rows = [
        (
            f"{rate / 1e3:,g}",
            *(
                _limit_cell(by_cell[rate, method].parts.total_s, by_cell[rate, method].ratio)
                for method in methods
            ),
        )
        for rate in rates
    ]
    return ("kbps", *methods), rows


def _parts(results: Results) -> Table:
    rows = [
        (
            f"{row.rate_bps / 1e3:,g}",
            row.method,
            *(f"{getattr(row.parts, name) * 1e3:.2f}" for name in PART_NAMES),
            f"{row.ratio:.2f}",
        )
        for row in results.limits
    ]
    return ("kbps", "method", *PART_LABELS, "T / T*"), rows


def _limit_cell(total_s: float, ratio: float) -> str:
    return f"{total_s * 1e3:.1f} ms, {ratio:.2f}"


def _loads(results: Results) -> Table:
    heads = ["devices", "batch", "answers/s", "p50, ms", "p99, ms", "over 100 ms", "refused"]
    heads += ["another device's plan", "its latency, ms", "predicted, ms"]
    rows = [
        (
            f"{row.devices}",
            f"{row.batch_size}",
            f"{row.throughput:.0f}",
            f"{row.p50_s * 1e3:.1f}",
            f"{row.p99_s * 1e3:.1f}",
            f"{row.late_share:.1%}",
            f"{row.refused}",
            str(row.observer_plan),
            f"{row.observer_s * 1e3:.0f}",
            f"{row.observer_predicted_s * 1e3:.0f}",
        )
        for row in results.loads
    ]
    return heads, rows


def markdown(results: Results, pictures: Mapping[str, str]) -> str:
    """The page for docs; pictures are file names by title."""
    lines = [
        "# Comparison",
        "",
        "Made by `python -m benchmarks.comparison`; [how it is measured](../comparison.md).",
        circumstances(results),
        "",
    ]
    for title, (heads, rows) in tables(results).items():
        lines += [f"## {title}", "", _line(heads), _line(["---"] * len(heads)), *map(_line, rows), ""]
    lines += [f"## {title}\n\n![{title}]({file})\n" for title, file in pictures.items()]
    return "\n".join(lines)


def circumstances(results: Results) -> str:
    """What ran where, in one sentence."""
    return f"{results.pipeline}; device {results.device}; {results.machine}. Cells: median, accuracy in time."


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def page(results: Results, figures: Mapping[str, Figure]) -> str:
    """One HTML file with everything in it."""
    parts = [f"<h1>edgent: comparison</h1><p>{html.escape(circumstances(results))}</p>"]
    for title, figure in figures.items():
        picture = base64.b64encode(png(figure)).decode()
        name = html.escape(title)
        parts.append(f'<h2>{name}</h2><img alt="{name}" src="data:image/png;base64,{picture}">')
    for title, (heads, rows) in tables(results).items():
        lines = [_row("th", heads), *(_row("td", row) for row in rows)]
        parts.append(f"<h2>{html.escape(title)}</h2><div class=wide><table>{''.join(lines)}</table></div>")
    return f"{_HEAD}{''.join(parts)}</html>\n"


def _row(tag: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"


def png(figure: Figure) -> bytes:
    """The figure as a picture."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()


_HEAD = """<!doctype html><html lang=en><meta charset=utf-8><title>edgent: comparison</title><style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1150px; margin: 2rem auto; padding: 0 1rem; }
img { max-width: 100%; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; }
th, td { border-bottom: 1px solid #ddd; padding: 4px 10px; text-align: left; white-space: nowrap; }
</style>"""
