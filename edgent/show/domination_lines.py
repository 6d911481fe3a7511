"""What no link makes worth considering, in sentences."""

from edgent.counted import counted
from edgent.planning.cost_table import CostTable
from edgent.planning.domination import ExitDomination, domination_by_exit


def domination_lines(costs: CostTable) -> list[str]:
    """How many plans are beaten on every link, and what beats the cuts of exits, of which some are alike."""
    beaten = sum(bool(costs.dominated_by(k)) for k in range(len(costs)))
    verb = "is" if beaten <= 1 else "are"
    share = f"{beaten:,}" if beaten else "None"
    alike: dict[str, list[str]] = {}
    for beats in domination_by_exit(costs):
        if beats.device_wins or beats.cuts:
            alike.setdefault(_sentence(beats), []).append(beats.exit)
    return [
        f"{share} of {counted(len(costs), 'plan')} {verb} beaten by another one whatever the link.",
        *(f"{', '.join(exits)}: {sentence}" for sentence, exits in alike.items()),
    ]


def _sentence(beats: ExitDomination) -> str:
    if beats.device_wins:
        return "the device alone beats the edge whatever the link, computing no longer."
    why = "gets less back and computes no longer"
    left = beats.cuts - beats.to_edge_only - beats.to_others
    every = "the only cut" if beats.cuts == 1 else "every cut"
    if beats.to_edge_only == beats.cuts:
        return f"edge-only beats {every} inside the path: it {why}."
    if beats.to_others == beats.cuts:
        return f"other plans beat {every} inside the path."
    if left == beats.cuts:
        return f"{every} inside the path may be best on some link."
    parts = [
        f"edge-only beats {beats.to_edge_only:,} (it {why})" * bool(beats.to_edge_only),
        f"other plans beat {beats.to_others:,}" * bool(beats.to_others),
        f"{left:,} may be best on some link" * bool(left),
    ]
    return f"of {counted(beats.cuts, 'cut')} inside the path {', '.join(filter(None, parts))}."
