"""The scripts in examples/ run in an empty folder, and what they print is true."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from edgent.shipped import copy_pipeline
from edgent.spec import read_spec

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, folder: Path, shell: dict[str, str]) -> str:
    """What a script prints."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, EXAMPLES / name, folder],
        env=shell,
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.full
def test_own_network(tmp_path: Path, shell: dict[str, str]) -> None:
    """Three exits, the deepest of which is nearly always right, on the device as in the evaluation."""
    shown = run("own_network.py", tmp_path / "run", shell)
    accuracies = [float(found) for found in re.findall(r"^exit\d: accuracy (\S+)", shown, re.MULTILINE)]
    assert len(accuracies) == 3
    assert accuracies[0] < accuracies[-1]
    found = re.search(r"(\d+) of (\d+) photos are right", shown)
    assert found is not None, shown
    right, photos = map(int, found.groups())
    assert photos == 450
    assert right / photos > 0.9
    assert right / photos == pytest.approx(accuracies[-1], abs=0.01)


@pytest.mark.full
def test_compress_a_cut(tmp_path: Path, shell: dict[str, str]) -> None:
    """The code takes less than any codec that needs no training, and few digits are lost behind it."""
    shown = run("compress_a_cut.py", tmp_path / "run", shell)
    sizes = {
        what.strip(): float(size)
        for what, size in re.findall(r"^(p\d as .+?) +(\d+) bytes", shown, re.MULTILINE)
    }
    assert {"p0 as raw", "p3 as float32", "p3 as uint8"} < set(sizes)
    assert sizes["p3 as a code"] < 0.8 * min(size for what, size in sizes.items() if what != "p3 as a code")
    found = re.search(r"accuracy (\S+) without the code, (\S+) behind it", shown)
    assert found is not None, shown
    without, behind = map(float, found.groups())
    assert without > 0.98
    assert behind > 0.9


@pytest.mark.full
@pytest.mark.torchserve
def test_several_edges(tmp_path: Path, shell: dict[str, str]) -> None:
    """Every answer is right, and the edge that is left gives them once the other one is stopped."""
    shown = run("several_edges.py", tmp_path / "run", shell)
    counts = {
        who: int(count) for who, count in re.findall(r"^(hall|cellar) answered (\d+)", shown, re.MULTILINE)
    }
    stopped = re.search(r"^(hall|cellar) is stopped after 100 answers$", shown, re.MULTILINE)
    assert stopped is not None, shown
    left = {"hall": "cellar", "cellar": "hall"}[stopped[1]]
    assert counts[left] > 50
    found = re.search(r"(\d+) of (\d+) answers are .*\nthe last one came from (\w+)", shown)
    assert found is not None, shown
    assert found[1] == found[2]
    assert int(found[2]) >= 200
    assert found[3] == left


def test_the_spec_of_several_edges(tmp_path: Path) -> None:
    """It lists both servers, each with its own address and token, in place of its one edge."""
    specification = importlib.util.spec_from_file_location("several_edges", EXAMPLES / "several_edges.py")
    assert specification is not None
    assert specification.loader is not None
    example = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(example)
    told = {
        name: {
            "EDGENT_INFERENCE_URL": f"http://127.0.0.1:{port}",
            "EDGENT_TOKEN_FILE": f"/{name}/key_file.json",
        }
        for name, port in (("hall", 9080), ("cellar", 9180))
    }
    servers = {
        name: SimpleNamespace(stdout=io.StringIO(json.dumps(lines) + "\n")) for name, lines in told.items()
    }
    spec = copy_pipeline("lenet", tmp_path)
    example.list_edges(spec, servers)
    edges = read_spec(spec).edges
    assert [edge.name for edge in edges] == ["hall", "cellar"]
    assert [edge.inference_url for edge in edges] == ["http://127.0.0.1:9080", "http://127.0.0.1:9180"]
    assert [edge.token_file for edge in edges] == ["/hall/key_file.json", "/cellar/key_file.json"]
