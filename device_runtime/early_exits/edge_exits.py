"""The exits inside a window: which of them the edge is to ask."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from device_runtime.early_exits.exits_on_the_way import exits_on_the_way
from edgent.core.frame_exits import MOST_EXITS, ExitsToAsk
from edgent.core.wire import window_identity
from edgent.planning.plan import RAW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgent.core.exit_rules.rule import ExitRule
    from edgent.graph.exit_path import ExitPath
    from edgent.network import Network
    from edgent.planning.plan import Plan


@dataclass(frozen=True)
class ExitsInside:
    """The exits that a window passes and that a rule lets inputs leave at.

    Attributes:
        paths: of each, shallow to deep.
        to_ask: what the edge is told of them.
        codec: the lossy input codec in which the input comes; ``raw`` where it loses nothing.
        passed: the exits that the device asked before it sent.
    """

    paths: tuple[ExitPath, ...]
    to_ask: ExitsToAsk
    codec: str = RAW
    passed: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called."""
        return tuple(path.exit_name for path in self.paths)


class EdgeExits:
    """Knows the exits inside the windows of plans."""

    def __init__(
        self, network: Network, rule: ExitRule, behind: Mapping[str, ExitRule] = MappingProxyType({})
    ) -> None:
        """Take the network and its rules; a plan's exits are found when they are first asked for.

        Args:
            network: whose windows they are.
            rule: says when an input leaves that has lost nothing on its way.
            behind: says when one leaves that came in a lossy input codec, by the codec's name.
        """
        self._network, self._rule, self._behind = network, rule, behind
        self.inside = lru_cache(maxsize=4096)(self._inside)

    def _inside(self, plan: Plan) -> ExitsInside | None:
        """The exits that the edge is to ask under a plan; None where it asks nobody.

        An exit at which the window starts is asked by the device, and one at which it ends by the edge.

        Raises:
            PlanError: no such exit.
        """
        if not plan.remote or not plan.leaves_early:
            return None
        graph, rule = self._network.graph, self._behind.get(plan.codec_up, self._rule)
        points = range(plan.start + 1, min(plan.stop, self._network.asks_until(plan)) + 1)
        exits = tuple(exits_on_the_way(graph, rule, plan.exit, points)[:MOST_EXITS])
        if not exits:
            return None
        branches = (
            window_identity(
                graph.sha256, other.cut_tensor(other.leaves_after), other.cut_tensor(len(other.layers))
            )
            for other in exits
        )
        thresholds = tuple(rule.thresholds[other.exit_name] for other in exits)
        to_ask = ExitsToAsk(rule.measure, tuple(branches), thresholds)
        return ExitsInside(exits, to_ask, plan.codec_up if plan.codec_up in self._behind else RAW)
