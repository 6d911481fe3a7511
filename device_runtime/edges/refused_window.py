"""What is told of a window that none of its addresses answered for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.errors import ColdWindowError, ExpiredError, HeadAbsentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from device_runtime.edges.addresses import Address
    from edgent.errors import EdgeError
    from edgent.planning.plan import Plan


def refused_window(
    plan: Plan, refusals: Mapping[Address, EdgeError], unasked: Sequence[Address], pipeline: str
) -> EdgeError:
    """One refusal that tells all, in the order of preference; only that the window is loaded, where it is.

    Most heads have no archive of their own, as their pipeline's answers for them. That one has none is so
    nothing to mend where the pipeline said something, or was not asked for want of time.

    Args:
        plan: whose window it is.
        refusals: by who said so, now or a moment ago; at least one.
        unasked: who was not asked, as no time was left.
        pipeline: its name, which is that of its endpoint.
    """
    if any(isinstance(refusal, ColdWindowError) for refusal in refusals.values()):
        return ColdWindowError(
            f"the edge is not ready for {plan}: it loads these layers, which takes a moment"
        )
    missing = {address for address, refusal in refusals.items() if isinstance(refusal, HeadAbsentError)}
    is_there = unasked or len(missing) < len(refusals)  # else the edge has nothing of this network
    absent = [one for one in refusals if one in missing and one.endpoint != pipeline] if is_there else []
    others = {address: refusal for address, refusal in refusals.items() if address not in absent}
    said = [*dict.fromkeys(map(str, others.values())), *_not_asked([] if others else absent, unasked)]
    first = next(iter((others or refusals).values()))
    text = "; ".join(said)
    return ExpiredError(text, first.stay) if isinstance(first, ExpiredError) else type(first)(text)


def _not_asked(absent: Sequence[Address], unasked: Sequence[Address]) -> list[str]:
    """That no time was left to ask some, and that others have no archive of their own."""
    if not unasked:
        return []
    missing = f", and {', '.join(map(str, absent))} has no archive of its own" if absent else ""
    return [f"no time was left to ask {', '.join(map(str, unasked))}{missing}"]
