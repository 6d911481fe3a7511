"""The commands tell the edges of a spec apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run

NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def two(lenet: Path) -> Path:
    """LeNet with two edges that do not answer, of which the second computes four times as fast."""
    declared = yaml.safe_load(lenet.read_text(encoding="utf-8"))
    del declared["edge"]
    declared["edges"] = [
        {"name": "hall", "inference_url": NOBODY},
        {"name": "cellar", "inference_url": NOBODY, "speed": 4.0},
    ]
    lenet.write_text(yaml.safe_dump(declared), encoding="utf-8")
    return lenet


def test_they_are_listed(edgent: Run, two: Path) -> None:
    """With their addresses, profiles and speeds."""
    done = edgent("show", two)
    assert done.code == 0, done.errors
    assert "edge hall: http://127.0.0.1:1, profile lenet/edge.yaml\n" in done.output
    assert "edge cellar: http://127.0.0.1:1, profile lenet/edge.yaml, 4 times as fast\n" in done.output


def test_each_is_planned_for(edgent: Run, two: Path) -> None:
    """And it is said which one would be asked; --edge plans for one alone."""
    arguments = ("plan", two, "--bandwidth-kbps", 5000, "--slowdown", 1000)
    done = edgent(*arguments)
    assert done.code == 0, done.errors
    said = [line for line in done.output.splitlines() if line.startswith("edge ")]
    assert [line.split(":")[0] for line in said] == ["edge hall", "edge cellar"]
    assert "cellar would be asked" in done.output
    plans = [json.loads(edgent(*arguments, "--edge", name, "--json").output) for name in ("hall", "cellar")]
    hall_s, cellar_s = (plan["latency_s"] for plan in plans)
    assert cellar_s < hall_s
    wrong = edgent(*arguments, "--edge", "hal")
    assert "no edge 'hal'; did you mean 'hall'?" in wrong.errors


def test_the_doctor_visits_each(edgent: Run, two: Path) -> None:
    """Findings have the edge's name, and one that is wrong makes the whole wrong."""
    done = edgent("doctor", two, "--json")
    assert done.code == 1
    found = json.loads(done.output)
    assert not found["good"]
    assert {finding["edge"] for finding in found["findings"]} == {"hall", "cellar"}
    told = edgent("doctor", two)
    assert "edge hall" in told.output
    assert "edge cellar" in told.output
    given = "http://127.0.0.1:1"
    found = json.loads(edgent("doctor", two, "--json", EDGENT_INFERENCE_URL=given).output)
    assert {finding["edge"] for finding in found["findings"]} == {given}


def test_a_device_of_edges_that_are_gone(edgent_device: Run, two: Path) -> None:
    """It answers alone, and each edge is named once."""
    done = edgent_device("--pipeline", two)
    assert done.code == 0, done.errors
    assert done.errors.count("does not answer") == 2
