"""``edgent bundle``: what it says, and what it refuses."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.planning.policies.registry import POLICIES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run
    from tests.package_fixtures import MadeUpPackage

POLICY = """
from edgent.planning.policies.hedged import Hedged
from edgent.planning.policies.registry import PolicyEntry
MINE = PolicyEntry("as another one", lambda setting: Hedged())
"""


def test_it_says_what_is_in_it(edgent: Run, tmp_path: Path) -> None:
    """Each part with its size, the sum, and what to do next; the spec's samples are among them."""
    out = tmp_path / "device[red]"
    done = edgent("bundle", "lenet", "--out", out)
    assert done.code == 0, done.errors
    assert f"MB  in {out}/" in done.output
    parts = dict(re.findall(r"([\d.]+) MB  (.+)", done.output))
    assert "samples (20 files)" in parts.values()
    assert "weights (1 file)" in parts.values()
    assert "edgent (1 file)" in parts.values()
    size_bytes = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    total = float(re.findall(r"([\d.]+) MB  in ", done.output)[0])
    assert total == pytest.approx((size_bytes - (out / "SHA256SUMS").stat().st_size) / 1e6, abs=0.005)
    assert "on the device: sh install.sh, then sh run.sh" in done.output
    assert {path.name for path in out.iterdir()} == {
        "README.md",
        "SHA256SUMS",
        "install.sh",
        "pipeline",
        "requirements.txt",
        "run.sh",
        "wheels",
    }


@pytest.mark.parametrize(
    ("compiled", "said"),
    [
        ((), ["is in it", "other packages (1 file)"]),
        (("fast.so",), ["is not in it, as it holds compiled modules: install.sh fetches it"]),
    ],
)
def test_it_says_which_other_packages_a_device_needs(
    edgent: Run,
    tiny_spec: Path,
    tmp_path: Path,
    made_up_package: MadeUpPackage,
    compiled: tuple[str, ...],
    said: list[str],
) -> None:
    """Whether they are in it, or the device has to get them elsewhere."""
    made_up_package(POLICIES, "mine = made_up:MINE", "")
    (tmp_path / "site-packages" / "made_up").mkdir()
    (tmp_path / "site-packages" / "made_up" / "__init__.py").write_text(POLICY)
    for name in compiled:
        (tmp_path / "site-packages" / "made_up" / name).touch()
    shutil.copytree(tiny_spec.parent, tmp_path / "spec")
    spec = tmp_path / "spec" / tiny_spec.name
    spec.write_text(f"{spec.read_text()}bandwidth: {{environment: dynamic, policy: mine}}\n")
    done = edgent("bundle", spec, "--out", tmp_path / "device")
    assert done.code == 0, done.errors
    assert "made-up 1.0, which declares policy 'mine', " in done.output
    assert all(words in done.output for words in said)
    lines = (tmp_path / "device" / "requirements.txt").read_text().splitlines()
    assert ("made-up==1.0" in lines) == bool(compiled)


def test_other_samples(edgent: Run, tiny_spec: Path, tmp_path: Path) -> None:
    """A folder of the user's takes their place; without any the command says so."""
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    np.save(inputs / "a.npy", np.zeros((3, 8, 8), np.uint8))
    done = edgent("bundle", tiny_spec, "--out", tmp_path / "without")
    assert "no samples: the device answers what --input names" in done.output
    done = edgent("bundle", tiny_spec, "--out", tmp_path / "device", "--samples", inputs)
    assert done.code == 0, done.errors
    text = (tmp_path / "device" / "pipeline" / tiny_spec.name).read_text(encoding="utf-8")
    assert "samples: samples" in text
    copied = tmp_path / "device" / "pipeline" / "samples"
    assert [file.name for file in copied.iterdir()] == ["a.npy"]


@pytest.mark.parametrize(
    ("samples", "said"),
    [("nowhere", "no samples at nowhere"), ("list.csv", "lists files, which would stay behind")],
)
def test_samples_that_cannot_go(edgent: Run, tmp_path: Path, samples: str, said: str) -> None:
    """Nothing is written."""
    (tmp_path / "cwd" / "list.csv").write_text("a.png\n", encoding="utf-8")
    done = edgent("bundle", "lenet", "--out", tmp_path / "device", "--samples", samples)
    assert done.code == 2
    assert said in done.errors
    assert not (tmp_path / "device").exists()


def test_a_folder_that_cannot_be_written(edgent: Run) -> None:
    """It is named."""
    done = edgent("bundle", "lenet", "--out", "/proc/nowhere")
    assert (done.code, done.output) == (2, "")
    assert "cannot write /proc/nowhere" in done.errors
