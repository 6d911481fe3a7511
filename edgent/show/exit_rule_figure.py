"""What an exit rule costs and saves, as a picture: the steps of its path, and the one that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from edgent.show.exit_rule_table import mean_macs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.accuracy.exit_rule_file import CalibratedRule
    from edgent.exits.rules.trade_off import TradeOff
    from edgent.graph.exit_path import ExitPath


def exit_rule_figure(steps: TradeOff, found: CalibratedRule, paths: Sequence[ExitPath]) -> Figure:
    """The loss against the share that leaves early and against the mean multiply-accumulates.

    Args:
        steps: of the path of thresholds.
        found: the rule that was found on the same inputs.
        paths: of all exits, shallow to deep.
    """
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    by_share, by_macs = figure.subplots(1, 2, sharey=True)
    deepest = found.exits[-1].exit
    leaving = sum(one.share for one in found.leaving(deepest)[:-1])
    panels = (
        (by_share, steps.leaving, leaving, "inputs that leave early"),
        (
            by_macs,
            steps.macs / 1e6,
            mean_macs(found, paths) / 1e6,
            "million multiply-accumulates in the mean",
        ),
    )
    for axes, across, kept, label in panels:
        axes.plot(across, steps.lost, color="#4477aa", linewidth=1, label="steps of the threshold")
        axes.axhline(found.loss, color="#ee6677", linestyle=":", label="loss that is allowed")
        if found.rule.thresholds:
            axes.plot([kept], [found.lost(deepest)], "o", color="0.2", label="the rule that was found")
        axes.set_xlabel(label)
        axes.grid(visible=True, alpha=0.3)
    by_share.xaxis.set_major_formatter(PercentFormatter(1.0))
    by_share.set_ylabel(f"{found.scored_by} lost against {deepest}")
    by_share.legend(frameon=False, fontsize="small")
    figure.suptitle(f"Leaving early, on the {found.inputs:,} held-out inputs that the rule was found on")
    return figure
