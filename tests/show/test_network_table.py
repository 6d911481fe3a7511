"""The table of `edgent show`."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console

from edgent.graph.reading import read_branchy_graph
from edgent.show.network_table import layer_table, lost_cut_lines

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from edgent.network import Network


def shown(network: Path) -> list[str]:
    """The table's lines at 100 columns."""
    written = StringIO()
    Console(width=100, file=written).print(layer_table(read_branchy_graph(network)))
    return written.getvalue().splitlines()


def test_trunk_branches_and_totals(chain_network: Path) -> None:
    """One line per trunk layer, branch layer and exit; the input's bytes are uint8, the others float32."""
    table = layer_table(read_branchy_graph(chain_network))
    cells = list(zip(*(map(str, column.cells) for column in table.columns), strict=True))
    assert [row[0] for row in cells] == [*"012345678", *"456", *"68"]
    assert cells[0][2:5] == ("input, uint8", "3x8x8", "192")
    assert cells[1][3:7] == ("4x8x8", "1,024", "112", "6,912")
    assert [row[7] for row in cells if row[7]] == ["to exit1", "exit2", "exit1"]
    assert cells[-1][1:7] == ("all of exit2", "path", "", "", "738", "11,840")


def test_a_path_from_the_input_is_a_branch_of_its_own(
    resizing_network: Network, capsys: pytest.CaptureFixture[str]
) -> None:
    """It leaves at 0, and its layers are listed from the first on."""
    Console(width=100).print(layer_table(resizing_network.graph))
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["0", "image", "input,", "uint8", "3x16x16", "768", "to", "exit2"] in rows
    assert ["1", "resize1", "resize", "3x8x8", "768", "2"] in rows


def test_legible_at_100_columns(residual_network: Path) -> None:
    """Nothing is cut off or wrapped."""
    lines = shown(residual_network)
    assert not any("…" in line for line in lines)
    assert len([line for line in lines if line[:3].strip().isdigit()]) == 8 + 1 + 2


def test_where_partition_points_are_missing(chain_network: Path, residual_network: Path) -> None:
    """Layers of one reason share a line; an LRN is one operation, and a chain loses nothing."""
    assert lost_cut_lines(read_branchy_graph(chain_network)) == []
    (line,) = lost_cut_lines(read_branchy_graph(residual_network))
    assert line.startswith(
        "no partition point inside residual1 (4 operations), residual2 (4 operations): two"
    )
