"""Why this plan, in two sentences for someone who has not read the paper."""

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import ACCURACY, BoolArray, FloatArray
from edgent.planning.decision import Decision
from edgent.planning.latency_parts import LatencyParts
from edgent.planning.link import Link
from edgent.planning.objective import USUAL_OBJECTIVE, Objective
from edgent.show.feature_sentences import feature_sentences
from edgent.units import kbps, milliseconds


def explain(
    table: CostTable,
    link: Link,
    latency_requirement_s: float,
    decision: Decision,
    objective: Objective = USUAL_OBJECTIVE,
    allowed: BoolArray | None = None,
) -> str:
    """One sentence on the exit, one on where its path is cut.

    Args:
        table: the costs of the plans that were chosen from.
        link: the link that it was made on.
        latency_requirement_s: the requirement that it was made for.
        decision: the answer of the objective's search.
        objective: what it was chosen for.
        allowed: the plans that were considered, such as the paper's, shape (n_plans,); None: all.
    """
    latency = table.latency_s(link)
    if allowed is not None:
        latency[~allowed] = np.inf
    if objective.is_usual or not decision.meets_requirement:
        why = _why_this_exit(table, link, latency, latency_requirement_s, decision)
    else:
        why = f"{decision.plan}, {_worth(table, decision.index)}, {decision.reason}."
    return f"{why} {_why_this_cut(table, link, latency, decision)}{_early(table, link, decision.index)}"


def _why_this_exit(
    table: CostTable, link: Link, latency: FloatArray, latency_requirement_s: float, decision: Decision
) -> str:
    within = f"within {milliseconds(latency_requirement_s)} on a link of {kbps(link.upload_bps)}"
    k = decision.index
    if not decision.meets_requirement:
        return f"No plan answers {within}: {decision.plan} is the fastest of all."
    own, name, worth = table.exits[table.exit_index[k]], table.exits[table.depth[k]], _worth(table, k)
    counts, aside = "", f", {worth},"
    if own != name:
        counts, aside = f"{own} counts as {name}, as it is no more accurate here, {worth}; ", ""
    deeper = (table.depth > table.depth[k]) & np.isfinite(latency)
    if not deeper.any():
        what = "the deepest exit that counts" if counts else "the deepest exit"
        what = what if len(table.exits) > 1 else "the only exit"
        return f"{counts}{name} is {what}{aside or ','} and it answers {within}."
    best = int(np.where(deeper, latency, np.inf).argmin())
    return (
        f"{counts}{name}{aside} is the deepest exit that answers {within}: "
        f"{table.exits[table.depth[best]]} would take {milliseconds(latency[best])} or more."
    )


def _worth(table: CostTable, k: int) -> str:
    """How good the answers of a plan are, by whatever that was measured."""
    if table.measure == ACCURACY:
        return f"right {table.accuracy[k]:.1%} of the time"
    return f"of {table.measure} {table.accuracy[k]:.4f}"


def _why_this_cut(table: CostTable, link: Link, latency: FloatArray, decision: Decision) -> str:
    k = decision.index
    same_exit = table.exit_index == table.exit_index[k]
    alone = _least(latency, same_exit & ~table.remote)
    whole = _least(latency, same_exit & table.edge_only)
    inner = _least(latency, same_exit & table.remote & ~table.edge_only)
    takes = milliseconds(decision.latency_s)
    if not table.remote[k]:
        elsewhere = np.where(same_exit & table.remote, latency, np.inf)
        if not np.isfinite(elsewhere).any():
            return f"All of it runs on the device, in {takes}: no other plan of this exit is allowed."
        fastest = int(elsewhere.argmin())
        parts = table.parts(link, fastest)
        if parts.total_s < decision.latency_s:
            mean_s = table.in_the_mean.latency_s(link)[k]
            early = f" at worst, {milliseconds(mean_s)} in the mean" if table.leaves_early[k] else ""
            return (
                f"All of it runs on the device, in {takes}{early}; the edge could answer in "
                f"{milliseconds(parts.total_s)}, which is not what the plan is chosen for."
            )
        return (
            f"All of it runs on the device, in {takes}, because the edge could not answer before "
            f"{milliseconds(parts.total_s)}, of which {_largest(parts)}."
        )
    parts = table.parts(link, k)
    if table.edge_only[k]:
        others = [f"the device alone {milliseconds(alone)}"]
        if np.isfinite(inner):
            others.append(f"the best cut inside the path {milliseconds(inner)}")
        return (
            f"All of it runs on the edge, in {takes}, of which {_largest(parts)}; it would take "
            f"{' and '.join(others)}."
        )
    start, stop = decision.plan.start, decision.plan.stop
    codes = "".join(f" {sentence}" for sentence in feature_sentences(table.stages[k]))
    layers, run = f"Its layers {start + 1} to {stop}" if start else f"Its first {stop} layers", "run"
    if stop - start == 1:
        layers, run = f"Its layer {stop}" if start else "Its first layer", "runs"
    others = [f"the device alone {milliseconds(alone)}"]
    if np.isfinite(whole):
        others.append(f"the edge alone {milliseconds(whole)}")
    return (
        f"{layers} {run} on the edge, the rest on the device, in "
        f"{takes}, of which {_largest(parts)}; it would take {' and '.join(others)}.{codes}"
    )


def _early(table: CostTable, link: Link, k: int) -> str:
    """What becomes of inputs that leave at exits on the way, as a sentence; nothing where none is asked."""
    if not table.plans[k].leaves_early:
        return ""
    mean = table.in_the_mean
    mean_s = milliseconds(mean.parts(link, k).total_s)
    asked = "" if mean.asking is None or not table.remote[k] else f", and {mean.asking[k]:.0%} ask the edge"
    return f" That is where no exit on the way is sure: in the mean inputs take {mean_s}{asked}."


def _least(latency: FloatArray, mask: BoolArray) -> float:
    return float(latency[mask].min(initial=np.inf))


def _largest(parts: LatencyParts) -> str:
    """The largest part of the time, in words."""
    by_part = parts.by_part
    name = max(by_part, key=by_part.__getitem__)
    verb = "take" if name.endswith("s") else "takes"
    return f"the {name} {verb} {milliseconds(by_part[name])}"
