"""An exit rule as plain values, for ``edgent evaluate --exit-rule --json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgent.show.exit_rule_table import mean_macs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.accuracy.exit_rule_file import CalibratedRule
    from edgent.graph.exit_path import ExitPath


def exit_rule_json(found: CalibratedRule, paths: Sequence[ExitPath]) -> dict[str, Any]:
    """Thresholds, and what leaves at each exit on the way to the deepest; shares are of all inputs.

    Args:
        found: the rule.
        paths: of all exits, shallow to deep.
    """
    deepest = found.exits[-1].exit
    return {
        "measure": found.measure,
        "loss": found.loss,
        "confidence": found.confidence,
        "inputs": found.inputs,
        "scored_by": found.scored_by,
        "accuracy": found.accuracy(deepest),
        "lost": found.lost(deepest),
        "macs_mean": mean_macs(found, paths),
        "exits": [
            {
                "exit": leaving.exit,
                "threshold": exit_.threshold,
                "share": leaving.share,
                "right_share": leaving.right,
            }
            for exit_, leaving in zip(found.exits, found.leaving(deepest), strict=True)
        ],
    }
