"""A pipeline as the live runs have it: a slow device, lossless codecs, and an environment that moves."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from edgent.latency.profile import read_profile
from edgent.latency.timing import Timing
from edgent.spec import Pipeline

Policy = Literal["expected", "chance", "hedged"]


@dataclass(frozen=True)
class Device:
    """The device of a live run.

    Attributes:
        slowdown: how many times slower it computes than the profiled one.
        latency_requirement_s: of every request.
        policy: how its plans follow from the forecast.
        hedge: whether a local exit stands by.
    """

    slowdown: float
    latency_requirement_s: float
    policy: Policy = "hedged"
    hedge: bool = True


def write_live_spec(pipeline: Pipeline, folder: Path, device: Device) -> Path:
    """Write a spec for a device so much slower, its profile beside it.

    Lossless codecs only, so that every answer can be compared to the bit. Frames are written and read at full
    speed: pixels as they are and floats take no computing.

    Args:
        pipeline: with profiles of both nodes and measured accuracies.
        folder: of this run.
        device: what is run.

    Raises:
        StaleFileError: the pipeline's profile is missing, or made for another model.
    """
    if pipeline.regressors is None:
        raise ValueError(f"{pipeline.file} names no profiles")
    content: dict[str, Any] = yaml.safe_load(pipeline.file.read_text(encoding="utf-8"))
    content["model"]["file"] = str(pipeline.resolve(pipeline.model.file).resolve())
    content["input"].pop("samples", None)
    content["codecs"] = {"input": ["raw"], "activation": ["float32"]}
    content["latency_requirement_ms"] = device.latency_requirement_s * 1e3
    content["regressors"] = {
        "device": "device.yaml",
        "edge": str(pipeline.resolve(pipeline.regressors.edge).resolve()),
    }
    content["bandwidth"] = {"environment": "dynamic", "policy": device.policy}
    content["device"] = {"hedge": device.hedge}
    content["edge"] = {}
    profile = read_profile(pipeline.resolve(pipeline.regressors.device), "device", content["model"]["sha256"])
    folder.mkdir(parents=True, exist_ok=True)
    replace(
        profile,
        segments=tuple(replace(row, timing=_slower(row.timing, device.slowdown)) for row in profile.segments),
    ).write(folder / "device.yaml")
    file = folder / f"{pipeline.name}.yaml"
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return file


def _slower(timing: Timing, times: float) -> Timing:
    return replace(
        timing,
        medians_us=tuple(round(one * times, 2) for one in timing.medians_us),
        p95_us=tuple(round(one * times, 2) for one in timing.p95_us),
    )
