"""The exits inside a window: which of them the edge is to ask."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from edgent.core.codecs import CODECS
from edgent.core.exit_rules.rule import NEVER
from edgent.core.frame_exits import MOST_EXITS, ExitsToAsk
from edgent.core.wire import window_identity

if TYPE_CHECKING:
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
        passed: the exits that the device asked before it sent.
    """

    paths: tuple[ExitPath, ...]
    to_ask: ExitsToAsk
    passed: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called."""
        return tuple(path.exit_name for path in self.paths)


class EdgeExits:
    """Knows the exits inside the windows of plans."""

    def __init__(self, network: Network, rule: ExitRule) -> None:
        """Begin.

        Args:
            network: whose windows they are.
            rule: says when an input leaves.
        """
        self._network, self._rule = network, rule
        self.inside = lru_cache(maxsize=4096)(self._inside)

    def _inside(self, plan: Plan) -> ExitsInside | None:
        """The exits that the edge is to ask under a plan; None where it asks nobody.

        Thresholds were found on activations as they are, so nobody is asked where a codec has changed them.
        An exit at which the window starts is asked by the device, and one at which it ends by the edge.

        Raises:
            PlanError: no such exit.
        """
        is_exact = plan.codec_up not in self._network.feature_codecs and CODECS[plan.codec_up].lossless
        if not plan.remote or not is_exact:
            return None
        graph = self._network.graph
        path = graph.path_of(plan.exit)
        last = min(plan.stop, path.leaves_after)
        found = [
            other
            for other in graph.paths[: path.index]
            if self._rule.thresholds.get(other.exit_name, NEVER) < NEVER
            and plan.start < other.leaves_after <= last
            and other.leaves_after < len(other.layers)
        ]
        exits = tuple(sorted(found, key=lambda other: other.leaves_after)[:MOST_EXITS])
        if not exits:
            return None
        branches = (
            window_identity(
                graph.sha256, other.cut_tensor(other.leaves_after), other.cut_tensor(len(other.layers))
            )
            for other in exits
        )
        thresholds = tuple(self._rule.thresholds[other.exit_name] for other in exits)
        return ExitsInside(exits, ExitsToAsk(self._rule.measure, tuple(branches), thresholds))
