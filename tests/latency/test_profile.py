"""Profiles as files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edgent.errors import PlanError, StaleFileError
from edgent.latency.places import Place
from edgent.latency.profile import NodeProfile, read_profile
from edgent.latency.timing import Timing

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.network import Network


def test_round_trip(device: NodeProfile, network: Network, tmp_path: Path) -> None:
    """What is read is what was written, regressors and all; one line holds one timing."""
    path = tmp_path / "device.yaml"
    device.write(path)
    assert read_profile(path, "device", network.graph.sha256) == device
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "timing:" in line]
    assert len(lines) == len(device.rows)


def test_other_model_or_node_is_refused(device: NodeProfile, network: Network, tmp_path: Path) -> None:
    """A profile serves one model and one node."""
    path = tmp_path / "device.yaml"
    device.write(path)
    with pytest.raises(StaleFileError, match=r"made for a model .*run `edgent profile SPEC --node device`"):
        read_profile(path, "device", "0" * 64)
    with pytest.raises(StaleFileError, match="profile of the device, not of the edge"):
        read_profile(path, "edge", network.graph.sha256)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format: 1", "format: 0", "format 0, this edgent reads 1"),
        ("threads: 1", "threads: one", "threads: .*integer"),
        ("threads: 1", "threads: 1\nspeed: 2", "speed: "),
        ("node: device", "node: phone", "node: "),
        ("exit: exit1, start: 0", "exit: exit1, start: soon", r"segments\.\d+\.start: .*integer"),
        ("runs: ", "laps: ", "timing"),
        ("medians_us: [", "medians_us: [.nan, ", r"segments\.0\.timing\.medians_us\.0: .*finite"),
        ("medians_us: [", "medians_us: [5.0, ", r"segments\.0\.timing: 6 medians_us, 5 p95_us"),
        ("medians_us: [", "medians_us: [-1.0, ", r"medians_us\.0: input should be greater than 0, not -1.0"),
        ("medians_us: [", "medians_us: [4.0e+9, ", r"medians_us\.0: input should be less than 3600000000"),
    ],
)
def test_malformed_profiles_are_refused(
    device: NodeProfile, network: Network, tmp_path: Path, old: str, new: str, message: str
) -> None:
    """The message says where in the file, and which command makes it again."""
    path = tmp_path / "device.yaml"
    device.write(path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StaleFileError, match=rf"device.yaml.*({message}).*run `edgent profile"):
        read_profile(path, "device", network.graph.sha256)


def test_a_profile_without_times_is_refused(device: NodeProfile, network: Network, tmp_path: Path) -> None:
    """A row that was never run is no measurement."""
    path = tmp_path / "device.yaml"
    first = replace(device.segments[0], timing=Timing())
    replace(device, segments=(first, *device.segments[1:])).write(path)
    with pytest.raises(StaleFileError, match=r"segments.0.timing.medians_us: .* at least 1 item"):
        read_profile(path, "device", network.graph.sha256)


def test_missing_segment_and_regressors_say_what_to_run(device: NodeProfile) -> None:
    """The planner never meets a KeyError."""
    bare = replace(device, regressors={})
    with pytest.raises(
        PlanError, match=r"exit9 \[0, 1\) was not measured on the device; run `edgent profile"
    ):
        bare.timing(Place("exit9", 0, 1))
    with pytest.raises(PlanError, match=r"no regressors 'work'; run `edgent profile SPEC --node device`"):
        bare.regressors_of("work")


def test_completeness(device: NodeProfile) -> None:
    """A profile with a block missing somewhere is an interrupted one."""
    assert device.complete
    short = replace(device.segments[0], timing=Timing((1.0,), (1.0,), 3))
    assert not replace(device, segments=(short, *device.segments[1:])).complete
