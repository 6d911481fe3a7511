"""What is said of a rule beside its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.accuracy.exit_rule_file import CalibratedRule, ExitThreshold, SureInputs
from edgent.generated_file import Provenance
from edgent.show.exit_rule_table import mean_macs, work_sentence

if TYPE_CHECKING:
    from edgent.network import Network


def _rule(leaving: int) -> CalibratedRule:
    """Of 100 inputs so many leave at exit1."""
    exits = (ExitThreshold("exit1", 0.9), ExitThreshold("exit2", None))
    together = (SureInputs(("exit1",), leaving, (0, 0)), SureInputs((), 100 - leaving, (0, 0)))
    made_by = Provenance("0" * 64, "", "", {}, {})
    return CalibratedRule(made_by, "margin", 0.02, 0.95, 100, "accuracy", exits, together)


def test_asking_that_takes_more_than_it_saves_is_said(tiny_network: Network) -> None:
    """Where hardly an input leaves; nothing is said where most do."""
    paths = tiny_network.graph.paths
    few, most = _rule(0), _rule(100)
    said = work_sentence(few, paths)
    assert said is not None
    assert f"takes {mean_macs(few, paths) / 1e6:,.1f} million MACs in the mean" in said
    assert f"the deepest one alone {paths[-1].macs / 1e6:,.1f}" in said
    assert work_sentence(most, paths) is None
