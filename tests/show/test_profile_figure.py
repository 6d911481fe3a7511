"""Tables and figures show what they should."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from matplotlib.patches import Rectangle
from rich.console import Console

from edgent.latency.fitting import measurements
from edgent.latency.places import Place
from edgent.latency.validation import cross_validate
from edgent.show.codec_table import codec_table
from edgent.show.error_table import error_table
from edgent.show.layer_figure import layer_figure
from edgent.show.path_table import path_table
from edgent.show.prediction_figure import prediction_figure

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

    from edgent.latency.profile import NodeProfile
    from edgent.latency.validation import Prediction
    from edgent.network import Network


@pytest.fixture(scope="module")
def predictions(network: Network, device: NodeProfile) -> list[Prediction]:
    """Cross-validated, from a real profile."""
    return cross_validate(measurements(device, network.graph))


def printed(table: Table) -> str:
    """The table as text."""
    console = Console(width=200, record=True)
    console.print(table)
    return console.export_text()


def test_tables(network: Network, device: NodeProfile, predictions: list[Prediction]) -> None:
    """Every exit, every codec, every layer type and the whole paths have a line."""
    paths = printed(path_table(device, network.graph))
    measured_s = device.timing(Place("exit1", 0, 6)).time_s
    assert f"{measured_s * 1e3:.3f}" in paths
    assert "no regressor" not in paths
    codecs = printed(codec_table(device))
    assert "webp" in codecs
    assert "reads" in codecs
    errors = printed(error_table(predictions))
    assert all(word in errors for word in ("conv", "fc", "maxpool", "whole paths", "paper", "work"))


def test_figures_are_drawn(
    network: Network, device: NodeProfile, predictions: list[Prediction], tmp_path: Path
) -> None:
    """Two panels each: paper and work; time and bytes, with a bar for each layer of the deepest path."""
    scatter = prediction_figure(predictions)
    assert [axes.get_title() for axes in scatter.axes] == ["regressors: paper", "regressors: work"]
    layers = layer_figure(device, network.graph)
    assert [len(axes.patches) for axes in layers.axes] == [8, 8]
    heights = [patch.get_height() for patch in layers.axes[1].patches if isinstance(patch, Rectangle)]
    assert heights[0] == pytest.approx(4 * 8 * 8 * 4 / 1024)
    for name, figure in (("scatter", scatter), ("layers", layers)):
        figure.savefig(tmp_path / f"{name}.png")
