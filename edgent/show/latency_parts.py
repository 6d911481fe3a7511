"""The parts of a plan's latency as people see them: every step is in one of them."""

from edgent.planning.cost_table import LatencyParts
from edgent.planning.stages import CODEC_STEPS, Step

ROUND_TRIP = "round trip"
STEPS = {
    "upload": (Step.MOVE_UP,),
    "codecs": CODEC_STEPS,
    "edge": (Step.RUN_EDGE,),
    "download": (Step.MOVE_DOWN,),
    "device": (Step.OVERHEAD, Step.RUN_DEVICE),
}
"""Which steps a part is made of."""
PARTS = (ROUND_TRIP, *STEPS)


def seconds_by_part(parts: LatencyParts) -> dict[str, float]:
    """Seconds of each of the `PARTS`; together they are the latency."""
    return {ROUND_TRIP: parts.round_trip_s} | {
        name: sum(parts.seconds[step] for step in steps) for name, steps in STEPS.items()
    }
