"""Whether a plan uses a feature codec where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.errors import PlanError

if TYPE_CHECKING:
    from edgent.network import Network
    from edgent.planning.plan import Plan


def check_crossing(network: Network, plan: Plan, name: str, *, is_up: bool) -> None:
    """Refuse a feature codec that goes the other way, or stands elsewhere.

    Args:
        network: with the codecs that its spec names.
        plan: that uses one.
        name: the codec's.
        is_up: whether it is to carry what goes up.

    Raises:
        PlanError: it does not; the message says what the codec is for.
    """
    jump = next((jump for jump in network.jumps(plan.exit) if jump.codec == name), None)
    if jump is None:
        exits = ", ".join(exit_ for exit_ in network.graph.exit_names if _has(network, exit_, name))
        raise PlanError(f"{plan}: codec {name!r} is not on the path of {plan.exit}, but on that of {exits}")
    direction = "up, in plans such as" if jump.is_up else "down, in plans such as"
    layers = len(network.graph.path_of(plan.exit).layers)
    example = (
        f"{plan.exit}:p{jump.gives}-p{layers}:{name}:float32"
        if jump.is_up
        else f"{plan.exit}:p{jump.reads}:{name}"
    )
    stands = jump.is_up == is_up and (plan.start if is_up else plan.stop) == (
        jump.gives if is_up else jump.reads
    )
    if not stands:
        raise PlanError(f"{plan}: codec {name!r} carries what goes {direction} {example}")


def _has(network: Network, exit_name: str, codec: str) -> bool:
    return any(jump.codec == codec for jump in network.jumps(exit_name))
