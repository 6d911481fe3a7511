"""The specs of the devices: ours, and ours without each of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.studies.workload.methods import OURS
from benchmarks.testbed.trial import listed_codecs, open_trial, slower, write_changed, write_trial_spec
from edgent.accuracy.exit_rule_evaluation import find_exit_rule
from edgent.exits.rules.calibration import Bound
from edgent.inputs.labelled import held_out_data
from edgent.latency.fitting import with_regressors
from edgent.latency.profile import read_profile, task_of, with_timings
from edgent.spec import Pipeline, read_spec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from edgent.latency.timing import Progress

_MEASURE, _BOUND = "largest_probability", Bound(0.01, 0.95)
RULE_FILE = "exit_rule.yaml"
BEFORE = "ours as it was before"


@dataclass(frozen=True)
class Device:
    """A device as slow as it is to be.

    Attributes:
        slowdown: How many times as long it computes as a core of this machine.
        specs: By the names of its runtimes: ours, and ours without a part.
    """

    slowdown: float
    specs: Mapping[str, Path]


def write_ours(pipeline: Pipeline, folder: Path) -> Path:
    """Write the trial's spec, with everything that the pipeline ships and no profiles yet."""
    return write_trial_spec(
        pipeline,
        folder,
        windows=True,
        codecs=listed_codecs(pipeline, of_photos=True),
        bandwidth={"environment": "dynamic"},
        device={"hedge": True},
    )


def calibrate(ours: Path, progress: Progress | None = None) -> None:
    """Find the exit rule of the trial, beside it, where it was not found before."""
    file = ours.with_name(RULE_FILE)
    if not file.exists():
        network = open_trial(ours)
        held_out = held_out_data(network.spec)
        find_exit_rule(network, held_out, "accuracy", _MEASURE, _BOUND, progress).write(file)


def make_device(ours: Path, slowdown: float, profiled: float) -> Device:
    """A device that is so slow, from the profile of one that was another number of times slower.

    Args:
        ours: The trial's spec, its profiles beside it, and its exit rule, if there is one.
        slowdown: How many times slower the device is.
        profiled: How many times slower the profiled one was.
    """
    folder = ours.parent / f"{slowdown:g}x"
    folder.mkdir(exist_ok=True)
    _slow_down(ours, folder / "device.yaml", slowdown / profiled)
    source = read_spec(ours)
    usual: dict[str, Any] = {
        "regressors": {"device": "device.yaml", "edge": str(ours.with_name("edge.yaml"))}
    }
    rule = ours.with_name(RULE_FILE)
    if rule.exists():
        bound = {"loss": _BOUND.loss, "confidence": _BOUND.confidence}
        usual["exit_rule"] = {"measure": _MEASURE, "file": str(rule), **bound}
    parts: dict[str, dict[str, Any]] = {OURS: {}} | _ablated(source)
    specs = {
        name: write_changed(source, folder / f"{name.replace(' ', '-')}.yaml", **(usual | without))
        for name, without in parts.items()
    }
    return Device(slowdown, specs)


def _ablated(source: Pipeline) -> dict[str, dict[str, Any]]:
    """Ours without each of its parts: the sections of its spec that differ."""
    no_features = {"codecs": listed_codecs(source, of_photos=True) | {"features": []}}
    deepest = source.exits[-1].model_dump(mode="json", exclude_unset=True)
    return {
        "without windows": {"windows": False},
        "without feature codecs": no_features,
        "without shallower exits": {"exits": [deepest], "exit_rule": None},
        "without exit rules": {"exit_rule": None},
        "without a hedge": {"device": {"hedge": False}},
        BEFORE: {"windows": False, "exit_rule": None} | no_features,
    }


def _slow_down(ours: Path, file: Path, times: float) -> None:
    """Write the trial's device profile with all times multiplied."""
    network = open_trial(ours)
    assert network.spec.regressors is not None, "a trial spec names its profiles"
    profile = read_profile(
        network.spec.resolve(network.spec.regressors.device), "device", network.graph.sha256
    )
    timings = {task_of(row): slower(row.timing, times) for row in profile.rows}
    with_regressors(with_timings(profile, timings), network.graph).write(file)
