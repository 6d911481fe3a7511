"""The notebooks in examples/ run from the first cell to the last, and their results hold."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = pytest.mark.slow


class Executed:
    """What the cells of a notebook gave."""

    def __init__(self, name: str, folder: Path, shell: dict[str, str]) -> None:
        notebook = nbformat.read(EXAMPLES / name, as_version=4)
        where = {"metadata": {"path": str(folder)}}
        nbclient.NotebookClient(notebook, timeout=200, resources=where).execute(env=shell)
        outputs: list[Any] = [output for cell in notebook.cells for output in cell.get("outputs", ())]
        self.text = "".join(output["text"] for output in outputs if output.get("name") == "stdout")
        self.pictures = sum("image/png" in output.get("data", {}) for output in outputs)


def test_own_policy(tmp_path: Path, shell: dict[str, str]) -> None:
    """Caution makes fewer answers late than trust in the last value, for less than the oracle's reward."""
    executed = Executed("own_policy.ipynb", tmp_path, shell)
    found = re.findall(r"^(\S+) +reward (\S+) +late +(\S+)%", executed.text, re.MULTILINE)
    reward = {policy: float(value) for policy, value, _ in found}
    late = {policy: float(value) for policy, _, value in found}
    assert set(reward) == {"static", "last-value", "paper", "cautious", "expected", "hedged", "oracle"}
    assert late["oracle"] == 0 < late["cautious"] < late["last-value"]
    assert reward["static"] < reward["cautious"] < reward["oracle"]
    assert executed.pictures == 1
    assert re.search(r"^\S+ exit\d:p0 in time$", executed.text, re.MULTILINE), executed.text


def test_paper_figures(tmp_path: Path, shell: dict[str, str]) -> None:
    """Four pictures; edgent's search is never below the paper's, and each state has a plan."""
    executed = Executed("paper_figures.ipynb", tmp_path, shell)
    assert executed.pictures == 4
    found = re.findall(r"^(paper|ours) (\[.*\])$", executed.text, re.MULTILINE)
    accuracy = {algorithm: ast.literal_eval(values) for algorithm, values in found}
    assert len(accuracy["paper"]) == len(accuracy["ours"]) == 8
    assert all(ours >= paper for ours, paper in zip(accuracy["ours"], accuracy["paper"], strict=True))
    assert accuracy["paper"][0] < accuracy["ours"][0] == 0.0
    assert sum(accuracy["ours"]) > sum(max(value, 0.0) for value in accuracy["paper"])
    assert max(accuracy["ours"]) > 0.85
    states = re.findall(r"^ *(\d+) kbps  exit\d:p\S+ +reward \S+$", executed.text, re.MULTILINE)
    assert [int(kbps) for kbps in states] == sorted(map(int, states))
    assert len(states) > 3
