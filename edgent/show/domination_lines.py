"""What no link makes worth considering, in sentences."""

from edgent.counted import counted
from edgent.planning.cost_table import CostTable
from edgent.planning.domination import ExitDomination, domination_by_exit


def domination_lines(costs: CostTable) -> list[str]:
    """How many plans are beaten on every link, and for each exit what beats its cuts."""
    beaten = sum(bool(costs.dominated_by(k)) for k in range(len(costs)))
    verb = "is" if beaten == 1 else "are"
    total = f"{beaten} of all {counted(len(costs), 'plan')} {verb} beaten by another one whatever the link."
    return [total, *(_line(beats) for beats in domination_by_exit(costs) if beats.device_wins or beats.cuts)]


def _line(beats: ExitDomination) -> str:
    if beats.device_wins:
        return f"{beats.exit}: the device alone beats the edge whatever the link, computing no longer."
    left = beats.cuts - beats.to_edge_only - beats.to_others
    return (
        f"{beats.exit}: of {counted(beats.cuts, 'cut')} inside its path, edge-only beats "
        f"{beats.to_edge_only} (it gets less back and computes no longer), other plans beat "
        f"{beats.to_others}, {left} may be best on some link."
    )
