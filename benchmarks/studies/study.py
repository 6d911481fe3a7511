"""What every study shares: its options, its folder, and its report as files, on the screen and in docs.

The results of a study are CSV files of every request, tables and pictures. All of them go to a folder below
`runs/`; with `--docs` the tables and pictures also go to a page of the documentation, between two marks.
"""

import csv
import errno
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from rich import table as rich_table
from rich.console import Console

from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.progress import Tell, bar
from edgent.counted import counted
from edgent.errors import EdgentError
from edgent.generated_file import describe_machine
from edgent.planning.plan import Plan

LABORATORY = Path(__file__).parents[2] / "docs" / "laboratory"
PIPELINES = Path(__file__).parents[2] / "pipelines"
PLAIN = FuncFormatter(lambda value, _: f"{value:,.10g}")
"""Numbers on an axis as people write them."""
_BEGIN, _END = "<!-- measured -->", "<!-- /measured -->"
_LOG_WIDTH = 180
_DIGITS = frozenset("+-0123456789")
_TAKES_NOTHING = {
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOSPC,
    errno.EEXIST,
    errno.ENOTDIR,
    errno.EISDIR,
}
"""What is wrong with a folder of results: no right to write, no room, a file in its place."""


Quick = Annotated[bool, typer.Option("--quick", help="Measure less: fewer links and fewer repeats.")]
Out = Annotated[Path | None, typer.Option(help="The folder of the results; runs/NAME when not given.")]
Docs = Annotated[bool, typer.Option("--docs", help="Write the tables and pictures into docs/, too.")]


@dataclass(frozen=True)
class Table:
    """A table for people.

    Attributes:
        note: A paragraph between the title and the table.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def markdown(self) -> str:
        """The table as Markdown."""
        rules = ["---:" if is_number else "---" for is_number in self._are_numbers]
        lines = [self.heads, rules, *self.rows]
        parts = [f"## {self.title}" if self.title else "", self.note]
        parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
        return "\n\n".join(part for part in parts if part)

    @property
    def _are_numbers(self) -> list[bool]:
        """Of each column: whether its cells begin with a number."""
        return [all(row[k][:1] in _DIGITS for row in self.rows) for k in range(len(self.heads))]

    def rich(self) -> rich_table.Table:
        """The table for a terminal."""
        shown = rich_table.Table(title=self.title or None, title_justify="left")
        for head, is_number in zip(self.heads, self._are_numbers, strict=True):
            shown.add_column(head, justify="right" if is_number else "left")
        for row in self.rows:
            shown.add_row(*row)
        return shown


@dataclass(frozen=True)
class Picture:
    """A picture for people.

    Attributes:
        title: What it shows, in a few words.
        note: How it is read, and what it leaves out and why.
    """

    title: str
    figure: Figure
    note: str

    def markdown(self, name: str) -> str:
        """The picture in the file of that name, above its caption."""
        return f"![{self.title}]({name})\n\n*{self.title}.* {self.note}"


@dataclass(frozen=True)
class Report:
    """What a study came to.

    Attributes:
        pictures: By file name.
        records: By file name without its ending: the rows of a CSV file, as dataclasses.
    """

    facts: Sequence[str] = ()
    tables: Sequence[Table] = ()
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    records: Mapping[str, Sequence[Any]] = field(default_factory=dict)


class Study:
    """A run of a study."""

    def __init__(self, name: str, out: Path | None = None) -> None:
        self.name = name
        self.folder = out or Path("runs") / name
        self.console = Console()
        if not self.console.is_terminal:  # a log has room for wide tables
            self.console = Console(width=_LOG_WIDTH)

    def bar(self, title: str) -> AbstractContextManager[Tell]:
        """A progress bar for as long as the context lasts; see `benchmarks.testbed.progress.bar`."""
        return bar(self.console, title)

    @contextmanager
    def kept(self, name: str) -> Iterator[list[Any]]:
        """A list for rows as they are measured, which are a CSV file when the context ends, in whatever way.

        Args:
            name: Of the file without its ending, as in the report, which writes it again.
        """
        rows: list[Any] = []
        is_whole, file = False, self.folder / f"{name}.csv"
        try:
            yield rows
            is_whole = True
        finally:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write_csv(file, rows)
            if not is_whole:
                told = f"stopped; {counted(len(rows), 'row')} until then: {file}"
                self.console.print(told, highlight=False)

    def write(self, report: Report, circumstances: str = "", page: Path | None = None) -> None:
        """Write a report's files; where a page of the documentation is given, the measured part of it, too.

        Args:
            report: What was measured.
            circumstances: What was run, in words; the machine is named behind it.
            page: A file that holds both marks; pictures go beside it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, rows in report.records.items():
            _write_csv(self.folder / f"{name}.csv", rows)
        for name, picture in report.pictures.items():
            picture.figure.savefig(self.folder / name, dpi=110)
        text = self._text(report, circumstances)
        (self.folder / "report.md").write_text(text, encoding="utf-8")
        if page is not None:
            _publish(page, text)
            for name in report.pictures:
                shutil.copy(self.folder / name, page.with_name(name))

    def show(self, report: Report) -> None:
        """Print a report's tables and facts, and where its files are."""
        for table in report.tables:
            if table.note:
                self.console.print(table.note, highlight=False)
            self.console.print(table.rich())
        for fact in report.facts:
            self.console.print(fact, highlight=False)
        self.console.print(f"written: {self.folder / 'report.md'}", highlight=False)

    def _text(self, report: Report, circumstances: str) -> str:
        made = f"Made by `python -m benchmarks.studies.{self.name}` on {machine_in_words()}."
        parts = [f"{made} {circumstances}".strip()]
        if report.facts:
            parts.append("\n".join(f"- {fact}" for fact in report.facts))
        parts += [table.markdown() for table in report.tables]
        parts += [picture.markdown(name) for name, picture in report.pictures.items()]
        return "\n\n".join(parts) + "\n"


def machine_in_words() -> str:
    """The machine that a report is made on."""
    machine = describe_machine()
    return f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}"


def run(main: Callable[..., None]) -> None:
    """Run a study's command line; a mistake is told in one line, and SIGTERM leaves through every context."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        typer.run(main)
    except EdgentError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if error.errno not in _TAKES_NOTHING:
            raise
        place = f"{error.filename}: " if error.filename else ""
        sys.exit(f"error: {place}{error.strerror}. What was kept is still there; choose a folder with --out")


def _write_csv(file: Path, rows: Sequence[Any]) -> None:
    """A line for each row, a column for each of its fields."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        columns = [_columns(row) for row in rows]
        writer = csv.DictWriter(stream, columns[0] if columns else ())
        writer.writeheader()
        writer.writerows(columns)


def _columns(row: Any) -> dict[str, object]:
    """Plain values by name; the fields of a dataclass in a field stand beside the others."""
    columns: dict[str, object] = {}
    for name in (each.name for each in fields(row)):
        value = getattr(row, name)
        if is_dataclass(value) and not isinstance(value, Plan):
            columns |= _columns(value)
        elif isinstance(value, tuple | list):
            columns[name] = " ".join(map(str, value))
        else:
            columns[name] = value
    return columns


def _publish(page: Path, text: str) -> None:
    """Put a text between the marks of a page.

    Raises:
        TestbedError: The page has no marks.
    """
    before, begin, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise TestbedError(f"{page}: put {_BEGIN} and {_END} where the measured part belongs")
    page.write_text(f"{before}{_BEGIN}\n\n{text}\n{_END}{after}", encoding="utf-8")
