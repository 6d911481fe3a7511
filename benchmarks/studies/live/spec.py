"""A pipeline as the live runs have it: a slow device, lossless codecs, and an environment that moves."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.trial import write_changed_spec
from edgent.latency.profile import read_profile
from edgent.latency.timing import Timing
from edgent.spec import Pipeline

Policy = Literal["expected", "chance", "hedged"]


@dataclass(frozen=True)
class Device:
    """The device of a live run.

    Attributes:
        slowdown: How many times slower it computes than the profiled device.
    """

    slowdown: float
    latency_requirement_s: float
    policy: Policy = "hedged"
    hedge: bool = True


def write_live_spec(pipeline: Pipeline, folder: Path, device: Device) -> Path:
    """Write a spec for a device so much slower, its profile beside it.

    Lossless codecs only, so that every answer can be compared to the bit. Frames are written and read at full
    speed: pixels as they are and floats take no computing.

    Raises:
        StaleFileError: The pipeline's profile is missing, or made for another model.
        TestbedError: The pipeline names no profiles.
    """
    if pipeline.regressors is None or pipeline.model.sha256 is None:
        raise TestbedError(f"{pipeline.file}: name profiles and the digest of the model they are made for")
    profile = read_profile(pipeline.resolve(pipeline.regressors.device), "device", pipeline.model.sha256)
    file = write_changed_spec(
        pipeline,
        folder,
        codecs={"input": ["raw"], "activation": ["float32"]},
        latency_requirement_ms=device.latency_requirement_s * 1e3,
        regressors={
            "device": "device.yaml",
            "edge": str(pipeline.resolve(pipeline.regressors.edge).resolve()),
        },
        bandwidth={"environment": "dynamic", "policy": device.policy},
        device={"hedge": device.hedge},
    )
    rows = (replace(row, timing=_slower(row.timing, device.slowdown)) for row in profile.segments)
    replace(profile, segments=tuple(rows)).write(folder / "device.yaml")
    return file


def _slower(timing: Timing, times: float) -> Timing:
    return replace(
        timing,
        medians_us=tuple(round(median_us * times, 2) for median_us in timing.medians_us),
        p95_us=tuple(round(p95_us * times, 2) for p95_us in timing.p95_us),
    )
