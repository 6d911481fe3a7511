"""What is said of feature codecs: in a table, and of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.show.feature_sentences import feature_sentences
from edgent.show.feature_table import feature_table
from edgent.spec import read_spec
from tests.random_feature_codec import write_pipeline

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def featured(chain_network: Path, tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The chain with three codecs."""
    folder = tmp_path_factory.mktemp("featured")
    return Network.open(read_spec(write_pipeline(folder, chain_network)), folder / "cache")


@pytest.mark.parametrize(
    ("plan", "sentences"),
    [
        (
            "exit2:p2-p8:student:float32",
            ["Feature codec student reads the input and takes the place of layers 1 to 2."],
        ),
        (
            "exit1:p1-p2:late:back",
            [
                "Feature codec late reads what layer 1 gives.",
                "Feature codec back reads what layer 2 gives and takes the place of layer 3.",
            ],
        ),
        ("exit2:p3", []),
    ],
)
def test_what_codecs_do_in_a_plan(featured: Network, plan: str, sentences: list[str]) -> None:
    """What is read, and what is not run."""
    assert list(feature_sentences(featured.stages(Plan.parse(plan)))) == sentences


def test_a_row_for_each_codec(featured: Network) -> None:
    """With what is known of its accuracy."""
    code = featured.feature_codecs["late"].code.name
    table = feature_table(featured, {"exit2": 0.9}, {"exit2": {code: 0.05}})
    console = Console(width=200)
    with console.capture() as printed:
        console.print(table)
    (late,) = [line for line in printed.get().splitlines() if "late" in line]
    assert late.split() == [
        "late,",
        "up",
        "p1,",
        "p1",
        "4x3x2",
        "64",
        "(64)",
        "0.0,",
        "0.0",
        "exit2",
        "0.8500",
    ]
