"""A second decision where an input comes out larger in its codec than inputs usually do.

A plan is chosen on mean bytes. Once its frame is written, the bytes of this very input are known. Where they
make the plan late, the plans are looked at once more, with the bytes that this input may be expected to have
in the other codecs that compress it: a picture that is large in one of them is large in all.
"""

from dataclasses import replace

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.objective import USUAL_OBJECTIVE, Objective
from edgent.planning.plan import FILE, FLOAT32, RAW
from edgent.planning.stages import BEFORE_REQUEST

_FIXED_SIZE = frozenset({RAW, FLOAT32, FILE})
"""Known before anything is written: none comes out larger than it was planned with."""


def with_size_factor(table: CostTable, factor: float, overhead_bytes: float) -> CostTable:
    """The table for an input that takes so many times its codecs' mean bytes.

    Args:
        table: of mean bytes.
        factor: this input's bytes over the mean, of the codecs that compress inputs.
        overhead_bytes: what HTTP and TCP add to a request, which does not grow.
    """
    varies = [plan.remote and plan.start == 0 and plan.codec_up not in _FIXED_SIZE for plan in table.plans]
    sizes = table.size_bytes.copy()
    sizes[0] = np.where(varies, overhead_bytes + factor * (sizes[0] - overhead_bytes), sizes[0])
    mean = None if table.mean is None else with_size_factor(table.mean, factor, overhead_bytes)
    return replace(table, size_bytes=sizes, mean=mean)


def second_decision(
    table: CostTable,
    link: Link,
    k: int,
    frame_bytes: int,
    left_s: float,
    *,
    overhead_bytes: float = 0.0,
    ready: BoolArray | None = None,
    objective: Objective = USUAL_OBJECTIVE,
) -> Decision | None:
    """Another plan that is in time, where the written frame makes the chosen one late; else None.

    Args:
        table: of mean bytes.
        link: that the frame would go over.
        k: the chosen plan, whose frame is written.
        frame_bytes: how long the frame is.
        left_s: seconds to the deadline.
        overhead_bytes: what HTTP and TCP add to a request.
        ready: plans that may be chosen, shape (n_plans,); None: all.
        objective: what plans in time are chosen for.
    """
    plan, usual_bytes = table.plans[k], float(table.upload_bytes[k]) - overhead_bytes
    if plan.start or plan.codec_up in _FIXED_SIZE or not 0 < usual_bytes < frame_bytes or left_s <= 0:
        return None
    sized = with_size_factor(table, frame_bytes / usual_bytes, overhead_bytes)
    written_s = float(table.seconds[list(BEFORE_REQUEST), k].sum())
    if float(sized.latency_s(link)[k]) - written_s <= left_s:
        return None
    other = objective.search(sized, link, left_s, ready=ready)
    if not other.meets_requirement or other.index == k:
        return None
    return replace(
        other, reason=f"{other.reason}, as {plan} is late with the {frame_bytes:,} bytes of this input"
    )
