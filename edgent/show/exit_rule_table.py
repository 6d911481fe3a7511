"""An exit rule as a table, and what is sure of it in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from edgent.counted import counted
from edgent.exits.rules.calibration import Bound
from edgent.exits.rules.work import expected_macs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.accuracy.exit_rule_file import CalibratedRule
    from edgent.graph.exit_path import ExitPath

LEAST_FIRST = ("million MACs", "of these")
"""Headings of the columns that a narrow terminal can do without."""


def exit_rule_table(found: CalibratedRule, paths: Sequence[ExitPath]) -> Table:
    """What leaves at each exit on the way to the deepest, a row each, and all of it together.

    Args:
        found: the rule.
        paths: of all exits, shallow to deep.
    """
    table = Table("exit", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_footer=True)
    deepest = found.exits[-1]
    macs = mean_macs(found, paths)
    footers = ("", "", "", f"{found.accuracy(deepest.exit):.4f}", f"{macs / 1e6:,.1f}")
    headings = (f"its {found.scored_by}", "threshold", "leaves", "of these", "million MACs")
    for heading, footer in zip(headings, footers, strict=True):
        table.add_column(heading, footer=footer, justify="right", no_wrap=True)
    table.columns[0].footer = "all"
    alone = {exit_.exit: found.accuracy(exit_.exit, ()) for exit_ in found.exits}
    for exit_, leaving, path in zip(found.exits, found.leaving(deepest.exit), paths, strict=True):
        table.add_row(
            exit_.exit,
            f"{alone[exit_.exit]:.4f}",
            "" if exit_ is deepest else "never" if exit_.threshold is None else f"{exit_.threshold:.6g}",
            f"{leaving.share:.1%}",
            f"{leaving.right / leaving.share:.4f}" if leaving.share else "",
            f"{path.macs / 1e6:,.1f}",
        )
    return table


def mean_macs(found: CalibratedRule, paths: Sequence[ExitPath]) -> float:
    """Multiply-accumulates of an input in the mean, of plans that stop at the deepest exit."""
    checked = np.array([exit_.threshold is not None for exit_ in found.exits])
    shares = np.array([one.share for one in found.leaving(found.exits[-1].exit)])
    return float(expected_macs(paths, checked, shares))


def exit_rule_sentence(found: CalibratedRule) -> str:
    """What is sure of a rule; where nothing leaves early, why."""
    deepest, bound = found.exits[-1].exit, Bound(found.loss, found.confidence)
    lost = round(found.lost(deepest), 4) + 0.0
    surely = f"with {found.confidence:.4g} confidence"
    if not found.rule.thresholds and found.inputs < bound.least_inputs:
        few = "is" if found.inputs == 1 else "are"
        return (
            f"Nothing leaves early: {counted(found.inputs, 'input')} {few} too few to say {surely} that no "
            f"more than {found.loss:g} of {found.scored_by} is lost; that takes {bound.least_inputs:,} at "
            "least."
        )
    if not found.rule.thresholds:
        return (
            f"Nothing leaves early: not even at the strictest threshold can it be said {surely} that no more "
            f"than {found.loss:g} of {found.scored_by} is lost."
        )
    return (
        f"Another sample of {counted(found.inputs, 'input')} loses, {surely}, at most {found.loss:g} of "
        f"{found.scored_by} against {deepest} by leaving early; these lose {lost:.4f}."
    )


def work_sentence(found: CalibratedRule, paths: Sequence[ExitPath]) -> str | None:
    """Where asking all exits is more work than the deepest one alone, what a device does; None elsewhere."""
    asked, alone = mean_macs(found, paths), paths[-1].macs
    if not found.rule.thresholds or asked <= alone:
        return None
    return (
        f"Asking all of these exits takes {asked / 1e6:,.1f} million MACs in the mean, the deepest one alone "
        f"{alone / 1e6:,.1f}: a device asks those that pay by its profile, and none where none does."
    )
