"""``edgent profile``: profiles beside the spec, on both nodes, resumed, and for another network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from device_runtime.local_exits.local_exits import LocalExits
from device_runtime.runtime import DeviceRuntime
from edgent.latency.loading import load_costs
from edgent.latency.places import Place
from edgent.latency.profile import read_profile
from edgent.network import Network
from edgent.planning.table_building import build_cost_table
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """Three images for the chain."""
    images = np.random.default_rng(1).integers(0, 256, (3, 3, 8, 8), dtype=np.uint8)
    np.save(tmp_path / "samples.npy", images)
    return tmp_path / "samples.npy"


@pytest.fixture
def unprofiled(profiled: Path) -> Path:
    """Spec of the same network that names no profiles."""
    lines = profiled.read_text(encoding="utf-8").splitlines(keepends=True)
    profiled.write_text("".join(line for line in lines if "regressors" not in line), encoding="utf-8")
    return profiled


@pytest.mark.usefixtures("profile_in_haste")
def test_both_nodes_make_a_spec_that_can_be_planned(edgent: Run, unprofiled: Path, samples: Path) -> None:
    """The files are named in the spec, complete, and have regressors."""
    for node in ("device", "edge"):
        options = ("--node", node, "--budget-s", 0.1, "--samples", samples)
        done = edgent("profile", unprofiled, *options)
        assert done.code == 0, done.errors
        assert "exit2" in done.output
    spec = read_spec(unprofiled)
    assert spec.regressors is not None
    assert (spec.regressors.device, spec.regressors.edge) == ("tiny/device.yaml", "tiny/edge.yaml")
    network = Network.open(spec)
    device = read_profile(spec.resolve(spec.regressors.device), "device", network.graph.sha256)
    assert device.complete
    assert device.samples == 3
    assert set(device.regressors) == {"paper", "work"}
    assert len(build_cost_table(load_costs(network))) > 0


def test_what_is_complete_is_not_measured_again(edgent: Run, profiled: Path, tmp_path: Path) -> None:
    """With --resume; the report and both pictures come from what is there."""
    before = read_profile(
        profiled.parent / "edge.yaml", "edge", Network.open(read_spec(profiled)).graph.sha256
    )
    picture = tmp_path / "edge.png"
    done = edgent("profile", profiled, "--node", "edge", "--resume", "--report", "--plot", picture)
    assert done.code == 0, done.errors
    assert "is complete" in done.output
    assert "whole paths" in done.output
    after = read_profile(profiled.parent / "edge.yaml", "edge", before.made_by.model_sha256)
    assert after.segments == before.segments
    for file in (picture, tmp_path / "edge-layers.png"):
        assert file.read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("profile_in_haste")
def test_windows_that_plans_can_choose_are_measured(
    edgent: Run, profiled: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as fit the time are added to a complete profile, but not to times of other samples."""
    promising = {Place("exit2", 2, 7): 1e-4, Place("exit2", 1, 7): 1e3}
    monkeypatch.setattr(
        "edgent.latency.promising.promising_segments",
        lambda _, profile, __: {at: s for at, s in promising.items() if at not in profile.timing_by_place},
    )
    with profiled.open("a", encoding="utf-8") as spec:
        spec.write("\nwindows: true\n")
    graph, file = Network.open(read_spec(profiled)).graph, profiled.parent / "edge.yaml"
    before = read_profile(file, "edge", graph.sha256)
    np.save(samples, np.resize(np.load(samples), (before.samples, 3, 8, 8)))
    options = ("profile", profiled, "--node", "edge", "--resume", "--budget-s", 0.1, "--samples", samples)
    done = edgent(*options)
    assert done.code == 0, done.errors
    assert "measured 1 window that plans can choose, predicted 1 more" in done.output
    after = read_profile(file, "edge", graph.sha256)
    assert after.complete
    assert after.segments[:-1] == before.segments
    assert after.timing(Place("exit2", 2, 7)).time_s > 0
    promising[Place("exit2", 1, 7)] = 1e-4
    np.save(samples, np.load(samples)[:2])
    done = edgent(*options)
    assert done.code == 0, done.errors
    assert "other samples" in done.output
    assert read_profile(file, "edge", graph.sha256).segments == after.segments


def test_prediction_for_another_network(edgent: Run, profiled: Path, lenet: Path) -> None:
    """LeNet on the node that only the chain was measured on: predicted, and marked so."""
    refused = edgent("profile", profiled, "--node", "edge", "--predict-for", lenet)
    assert (refused.code, refused.output) == (2, "")
    assert "no regressors" in refused.errors
    assert edgent("profile", profiled, "--node", "edge", "--resume").code == 0
    done = edgent("profile", profiled, "--node", "edge", "--predict-for", lenet)
    assert done.code == 0, done.errors
    assert "predicted" in done.output
    sha256 = Network.open(read_spec(profiled)).graph.sha256
    other = Network.open(read_spec(lenet)).graph.sha256
    assert read_profile(lenet.parent / "lenet" / "edge.yaml", "edge", other).predicted_from == sha256


def test_nothing_to_profile_with(edgent: Run, profiled: Path, tmp_path: Path) -> None:
    """No samples, none of the right shape, none at all: one sentence each."""
    np.save(tmp_path / "wrong.npy", np.zeros((1, 28, 28), np.uint8))
    for options, message in (
        ((), "--samples"),
        (("--samples", tmp_path / "nowhere"), "no such file"),
        (("--samples", tmp_path / "wrong.npy"), "tiny takes [3, 8, 8]"),
    ):
        done = edgent("profile", profiled, "--node", "device", *options)
        assert (done.code, done.output) == (2, "")
        assert message in done.errors


def test_a_device_that_opens_with_a_profile_learns_from_its_first_runs(
    profiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All exits are run when it opens: one that is slower now than its profile says is known to be."""
    monkeypatch.setattr(LocalExits, "runs_at_once_s", lambda _: {"exit1": (9.0,) * 5, "exit2": (9.0,) * 5})
    with DeviceRuntime.open(profiled, inference_url="http://127.0.0.1:1", cache=tmp_path) as runtime:
        assert runtime.calibration is not None
        assert runtime.calibration.device_factor > 5
