"""Tables in a narrow terminal."""

import io

import pytest
from rich.console import Console
from rich.table import Table

from edgent.fitted_table import print_fitted, table_console

COLUMNS = ("plan", "upload", "accuracy")


def _printed(width: int, *least_first: str, more: str = "") -> str:
    table = Table(*COLUMNS, title="Plans that are compared with one another")
    table.add_row("exit3:p7:webp:uint8", "12.5", "0.8663")
    console = Console(width=width, file=io.StringIO())
    print_fitted(table, console, least_first, more=more)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO above
    return text


def test_a_table_that_fits_is_whole() -> None:
    """And nothing is said, however long its title is."""
    text = _printed(60, "upload")
    assert all(name in text for name in COLUMNS)
    assert "Left out" not in text


@pytest.mark.parametrize(("width", "gone"), [(40, ["upload"]), (30, ["upload", "accuracy"])])
def test_columns_are_left_out_whole_and_named(width: int, gone: list[str]) -> None:
    """The least important first, and no more than it takes; what is left is not cut."""
    text = " ".join(_printed(width, "upload", "accuracy", more="--json has all").split())
    table, _, said = text.partition("Left out at")
    assert [name for name in COLUMNS if name not in table] == gone
    assert said.startswith(f" {width} columns: {', '.join(gone)}. A terminal of 43 columns shows them")
    assert said.endswith("; --json has all.")
    assert "exit3:p7:webp:uint8" in table


def test_a_column_that_is_not_there_is_not_named() -> None:
    """A part that takes no time has none."""
    assert "download" not in _printed(40, "download", "upload")


def test_a_file_has_no_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless COLUMNS gives it one."""
    monkeypatch.delenv("COLUMNS", raising=False)
    assert table_console().width > 500
    monkeypatch.setenv("COLUMNS", "90")
    assert table_console().width == 90
