"""``edgent bundle``: what it says, and what it refuses."""

from __future__ import annotations

import re
import shutil
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.planning.policies.registry import POLICIES

if TYPE_CHECKING:
    from collections.abc import Callable
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


def _profile_of_another_network(spec: Path) -> None:
    profile = spec.parent / "lenet" / "device.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(re.sub(r"model_sha256: \w{64}", f"model_sha256: {'ab' * 32}", text), encoding="utf-8")


def _codec_that_was_not_measured(spec: Path) -> None:
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("activation: [float32, uint8]", "activation: [float32, uint4]"))


def _map_of_other_requirements(spec: Path) -> None:
    text = spec.read_text(encoding="utf-8").replace(
        "environment: dynamic", "environment: dynamic, policy: paper"
    )
    spec.write_text(text.replace("latency_requirement_ms: 100", "latency_requirement_ms: 123"))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_profile_of_another_network, r"device\.yaml was made for a model with sha256 abab.*--node device"),
        (_codec_that_was_not_measured, r"codec uint4 .* was not measured on the .*as the spec now stands"),
        (_map_of_other_requirements, r"configuration_map\.yaml.*edgent map"),
    ],
)
def test_a_device_would_refuse_it(
    edgent: Run, edgent_device: Run, lenet: Path, tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    """So the command does, in the words of the device, and writes nothing."""
    spoil(lenet)
    done = edgent("bundle", lenet, "--out", tmp_path / "device")
    assert (done.code, done.output) == (2, "")
    assert re.search(said, done.errors), done.errors
    assert (
        "before, a device would not start. If it is to be measured on a device, move the old" in done.errors
    )
    assert not (tmp_path / "device").exists()
    started = edgent_device("--pipeline", lenet, "--url", "http://127.0.0.1:9")
    assert started.code == 2
    assert re.search(said, started.errors), started.errors


def test_a_map_that_nobody_follows_stops_nothing(edgent: Run, lenet: Path, tmp_path: Path) -> None:
    """As at the start of a device: the policy of the shipped pipelines does without."""
    text = lenet.read_text(encoding="utf-8")
    lenet.write_text(text.replace("latency_requirement_ms: 100", "latency_requirement_ms: 123"))
    done = edgent("bundle", lenet, "--out", tmp_path / "device")
    assert (done.code, done.errors) == (0, "")


@pytest.mark.parametrize("missing", ["device.yaml", "edge.yaml", None])
def test_what_has_yet_to_be_measured_is_told(
    edgent: Run, lenet: Path, tmp_path: Path, missing: str | None
) -> None:
    """A device may measure itself with its bundle."""
    if missing is None:
        lines = lenet.read_text(encoding="utf-8").splitlines()
        lenet.write_text("\n".join(line for line in lines if not line.startswith("regressors")))
    else:
        (lenet.parent / "lenet" / missing).unlink()
    done = edgent("bundle", lenet, "--out", tmp_path / "device")
    assert done.code == 0, done.errors
    assert "for now a device starts from it with --plan alone: " in done.errors
    assert f"edgent profile {'SPEC' if missing else lenet} --node" in done.errors
    assert missing is None or missing in done.errors


def test_extras_of_a_device(edgent: Run, lenet: Path, tmp_path: Path) -> None:
    """Their packages are among those that it installs, and are compiled with the others."""
    done = edgent("bundle", lenet, "--out", tmp_path / "device", "--with", "stream", "--with", "metrics")
    assert done.code == 0, done.errors
    lines = (tmp_path / "device" / "requirements.txt").read_text().splitlines()
    assert {f"av=={version('av')}", f"prometheus-client=={version('prometheus-client')}"} <= set(lines)
    script = (tmp_path / "device" / "install.sh").read_text()
    assert "import edgent.starting, device_runtime.cli, rich.emoji, av, prometheus_client'" in script
    refused = edgent("bundle", lenet, "--out", tmp_path / "other", "--with", "workbench")
    assert refused.code == 2
    assert "'workbench' is not one of 'stream', 'metrics', 'traces', 'live'" in refused.errors


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
