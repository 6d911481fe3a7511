"""Ways of answering: by what crosses between device and edge."""

from collections.abc import Collection
from typing import Literal

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.plan import Plan

Family = Literal["feature codec", "device-only", "edge-only", "uint8 cut"]
FAMILIES: tuple[Family, ...] = ("feature codec", "device-only", "edge-only", "uint8 cut")
_UINT8 = "uint8"


def family_of(plan: Plan, layers: int, feature_codecs: Collection[str]) -> Family | None:
    """Of which kind a plan is; None where an activation crosses as it is.

    Args:
        plan: The plan.
        layers: Of its exit's path.
        feature_codecs: Names of the learned codecs.
    """
    if not plan.remote:
        return "device-only"
    codecs = {plan.codec_up, plan.codec_down}
    if codecs & set(feature_codecs):
        return "feature codec"
    if plan.start == 0 and plan.stop == layers:
        return "edge-only"
    return "uint8 cut" if _UINT8 in codecs else None


def quickest_of_each(
    costs: CostTable, link: Link, least_accuracy: float, feature_codecs: Collection[str]
) -> dict[Family, Plan]:
    """The plan of each family that is predicted to be the quickest of those that are accurate enough.

    Args:
        costs: Of every plan.
        link: As it was measured.
        least_accuracy: That a plan must have.
        feature_codecs: Names of the learned codecs.

    Returns:
        By family; one without such a plan is left out.
    """
    layers = {name: int(costs.layers[costs.exit_index == k].max()) for k, name in enumerate(costs.exits)}
    quickest: dict[Family, Plan] = {}
    latency_s = costs.latency_s(link)
    for k in np.argsort(latency_s, kind="stable"):
        plan = costs.plans[int(k)]
        family = family_of(plan, layers[plan.exit], feature_codecs)
        if family is not None and costs.accuracy[k] >= least_accuracy:
            quickest.setdefault(family, plan)
    return quickest
