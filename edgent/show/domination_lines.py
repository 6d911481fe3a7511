"""What no link makes worth considering, in sentences."""

from edgent.counted import counted
from edgent.planning.cost_table import CostTable
from edgent.planning.domination import ExitDomination, domination_by_exit
from edgent.planning.pruning import LeftOut


def domination_lines(costs: CostTable) -> list[str]:
    """How many plans are beaten on every link, and what beats the cuts of exits, of which some are alike.

    Plans that pruning left out are counted apart: what is said of cuts holds for those that are left.
    """
    beaten = sum(bool(costs.dominated_by(k)) for k in range(len(costs)))
    verb = "is" if beaten <= 1 else "are"
    share = f"{beaten:,}" if beaten else "None"
    left_out = costs.left_out
    inside = "left inside the path" if left_out.count else "inside the path"
    alike: dict[str, list[str]] = {}
    for beats in domination_by_exit(costs):
        if beats.device_wins or beats.cuts:
            alike.setdefault(_sentence(beats, inside), []).append(beats.exit)
    return [
        f"{share} of {counted(len(costs), 'plan')} {verb} beaten by another one whatever the link.",
        *([_pruned(left_out)] if left_out.count else []),
        *(f"{', '.join(exits)}: {sentence}" for sentence, exits in alike.items()),
    ]


def _pruned(left_out: LeftOut) -> str:
    """How many plans were not even looked at, and why not."""
    more = "1 more was" if left_out.count == 1 else f"{left_out.count:,} more were"
    better = f"better by at most {left_out.tolerance:.0%}" if left_out.tolerance else "no better in anything"
    return (
        f"{more} left out before: each is {better} than one of these, whatever the link, even with a node "
        f"{left_out.margin:g} times slower or faster than profiled."
    )


def _sentence(beats: ExitDomination, inside: str) -> str:
    if beats.device_wins:
        return "the device alone beats the edge whatever the link, computing no longer."
    why = "gets less back and computes no longer"
    left = beats.cuts - beats.to_edge_only - beats.to_others
    every = "the only cut" if beats.cuts == 1 else "every cut"
    if beats.to_edge_only == beats.cuts:
        return f"edge-only beats {every} {inside}: it {why}."
    if beats.to_others == beats.cuts:
        return f"other plans beat {every} {inside}."
    if left == beats.cuts:
        return f"{every} {inside} may be best on some link."
    parts = [
        f"edge-only beats {beats.to_edge_only:,} (it {why})" * bool(beats.to_edge_only),
        f"other plans beat {beats.to_others:,}" * bool(beats.to_others),
        f"{left:,} may be best on some link" * bool(left),
    ]
    return f"of {counted(beats.cuts, 'cut')} {inside} {', '.join(filter(None, parts))}."
