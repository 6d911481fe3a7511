"""The report: Markdown for docs, and one HTML file that opens from disk."""

import base64
import html
import io
from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from benchmarks.studies.comparison.results import Results
from benchmarks.studies.comparison.tables import tables, verdict


def markdown(results: Results, pictures: Mapping[str, str]) -> str:
    """The page for docs; pictures are file names by title."""
    lines = [
        "# Comparison",
        "",
        "Made by `python -m benchmarks.studies.comparison`; [how it is measured](../comparison.md).",
        circumstances(results),
        "",
    ]
    for title, (heads, rows) in tables(results).items():
        lines += [f"## {title}", "", _line(heads), _line(["---"] * len(heads)), *map(_line, rows), ""]
    lines += [f"## {title}\n\n![{title}]({file})\n" for title, file in pictures.items()]
    return "\n".join(lines)


def circumstances(results: Results) -> str:
    """What ran where, in one paragraph."""
    requests = max(len(one.replies) for one in results.outcomes)
    return (
        f"{results.pipeline}; device {results.device}; {results.machine}. "
        f"At most {requests} requests a cell; cells: median latency, accuracy in time. {verdict(results)}"
    )


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
