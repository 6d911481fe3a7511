"""A pipeline as the live runs have it: a slow device, lossless codecs, and an environment that moves."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.testbed.trial import write_slowed_spec
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
    """Write a spec for a device on a link that moves.

    Lossless codecs only, so that every answer can be compared to the bit. Frames are written and read at full
    speed: pixels as they are and floats take no computing.
    """
    return write_slowed_spec(
        pipeline,
        folder,
        device.slowdown,
        codecs={"input": ["raw"], "activation": ["float32"]},
        latency_requirement_ms=device.latency_requirement_s * 1e3,
        bandwidth={"environment": "dynamic", "policy": device.policy},
        device={"hedge": device.hedge},
    )
