"""The kinds of plans, for tables and pictures."""

from collections.abc import Collection

from edgent.planning.plan import Plan

DEVICE, EDGE, EDGE_FIRST, FEATURES, WINDOW = (
    "device-only",
    "edge-only",
    "edge first",
    "feature codec",
    "window",
)
KINDS = (DEVICE, EDGE, EDGE_FIRST, FEATURES, WINDOW)


def kind_of(plan: Plan, features: Collection[str], layers: int) -> str:
    """The kind of a plan.

    Args:
        plan: Of a path with so many layers.
        features: Names of the feature codecs.
        layers: Of the path.
    """
    if not plan.remote:
        return DEVICE
    if plan.codec_up in features or plan.codec_down in features:
        return FEATURES
    if plan.start:
        return WINDOW
    return EDGE if plan.stop == layers else EDGE_FIRST
