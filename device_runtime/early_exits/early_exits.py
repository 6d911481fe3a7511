"""The exits on the device's own way: where an exit rule is sure enough of one, the input leaves there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from device_runtime.early_exits.exits_on_the_way import exits_on_the_way
from edgent.planning.plan import RAW
from edgent.planning.stages import Step, run_on_device

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

    from device_runtime.early_exits.edge_exits import EdgeExits, ExitsInside
    from device_runtime.early_exits.share_watch import ShareWatch
    from device_runtime.local_exits.sessions import Sessions
    from edgent.core.exit_rules.rule import ExitRule
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.exit_path import ExitPath
    from edgent.planning.plan import Plan
    from edgent.planning.stages import Stage


@dataclass(frozen=True)
class Piece:
    """Layers on the way, and what is asked behind them.

    Attributes:
        layers: None where the exit before leaves at the same point.
        asks: the exit that is asked; None behind the last layers.
        branch: its own layers.
    """

    layers: Stage | None
    asks: str | None = None
    branch: Stage | None = None


@dataclass(frozen=True)
class Walked:
    """How far an input came.

    Attributes:
        output: of the layers, or of the exit at which the input leaves. Shape (1, ...).
        left_at: that exit; None where it came to the end.
        run_s: seconds of the layers that lead to the output.
        asked_s: seconds of the exits that were asked and passed by.
        passed: the exits that were asked, the one at which it leaves among them.
        not_asked: why exits on the way were not asked that the plan would ask; None where all were.
    """

    output: np.ndarray
    left_at: str | None
    run_s: float
    asked_s: float = 0.0
    passed: tuple[str, ...] = ()
    not_asked: str | None = None


class EarlyExits:
    """Runs layers from exit to exit, and asks each that is shallower than the plan's whether it is sure.

    Exits that begin at the input are asked first, where the device does all that there is to do.

    Attributes:
        shares: told of every input that is asked here; None: nobody is.
    """

    def __init__(
        self,
        rule: ExitRule,
        graph: BranchyGraph,
        sessions: Sessions,
        clock: Callable[[], float],
        on_edge: EdgeExits | None = None,
        shares: ShareWatch | None = None,
        behind: Mapping[str, ExitRule] | None = None,
    ) -> None:
        """Take the exits that may be asked; none is loaded yet.

        Args:
            rule: says when an input leaves.
            graph: where the exits leave the trunk.
            sessions: runs the layers.
            clock: monotonic seconds.
            on_edge: knows the exits that the edge asks; None: it asks none.
            shares: told of every input that is asked.
            behind: the rule by the lossy input codec in which an input came to the edge.
        """
        self._behind = behind or {}
        self._rule, self._graph = rule, graph
        self.shares = shares
        self._on_edge = on_edge
        self._sessions, self._clock = sessions, clock
        self.pieces = cache(self._pieces)

    def stages(self, stage: Stage) -> list[Stage]:
        """What is run for some layers, each a session of its own."""
        return [
            one for piece in self.pieces(stage) for one in (piece.layers, piece.branch) if one is not None
        ]

    def asks(self, stage: Stage) -> bool:
        """Whether there is an exit to ask among some layers."""
        return any(piece.asks for piece in self.pieces(stage))

    def walk_s(self, stage: Stage) -> float | None:
        """What some layers take with the exits among them if nobody leaves; None until they are loaded."""
        stages = self.stages(stage)
        if not all(map(self._sessions.is_loaded, stages)):
            return None
        return sum(self._sessions.times_of(one).high_s for one in stages)

    def runs_at_once_s(self) -> dict[str, tuple[float, ...]]:
        """Seconds of some runs of each whole path in pieces, without the exits that are asked."""
        runs_s: dict[str, tuple[float, ...]] = {}
        for path in self._graph.paths:
            pieces = self.pieces(run_on_device(path.exit_name, 0, len(path.layers)))
            layers = [piece.layers for piece in pieces if piece.layers is not None]
            of_pieces = [self._sessions.times_of(stage).runs_s for stage in layers]
            runs_s[path.exit_name] = tuple(map(sum, zip(*of_pieces, strict=False)))
        return runs_s

    def on_edge(self, plan: Plan) -> ExitsInside | None:
        """The exits that the edge is to ask under a plan; None where it asks nobody."""
        return None if self._on_edge is None else self._on_edge.inside(plan)

    def beyond(self, plan: Plan, until: int) -> list[str]:
        """The exits on a plan's way that leave the trunk behind a partition point."""
        rule, last = self._behind.get(plan.codec_up, self._rule), self._graph.path_of(plan.exit).leaves_after
        on_the_way = exits_on_the_way(self._graph, rule, plan.exit, range(until + 1, last + 1))
        return [other.exit_name for other in on_the_way]

    def walk(
        self, stage: Stage, tensor: np.ndarray, before: tuple[str, ...] = (), codec: str = RAW
    ) -> Walked:
        """Run some layers of an exit's path, and leave where an exit on the way is sure.

        Args:
            stage: the layers, without a feature codec before or behind them.
            tensor: what they read. Shape (1, ...).
            before: exits that were asked before these layers, which are not asked again.
            codec: the input codec in which the input came.
        """
        walked = self._walk(stage, tensor, before, codec)
        if self.shares is not None:
            self.shares.observe(before, walked.passed, walked.left_at, codec)
        return walked

    def _walk(self, stage: Stage, tensor: np.ndarray, before: tuple[str, ...], codec: str) -> Walked:
        rule = self._behind.get(codec, self._rule)
        run_s = asked_s = 0.0
        passed: tuple[str, ...] = ()
        for piece in self.pieces(stage):
            began_s = self._clock()
            if piece.layers is not None:
                tensor = self._sessions.run(piece.layers, tensor)
            run_s += self._clock() - began_s
            if piece.asks is None or piece.branch is None or piece.asks in before:
                continue
            began_s = self._clock()
            logits = self._sessions.run(piece.branch, tensor)
            passed += (piece.asks,)
            leaves = bool(rule.leaves(piece.asks, logits.reshape(1, -1))[0])
            took_s = self._clock() - began_s
            if leaves:
                return Walked(logits, piece.asks, run_s + took_s, asked_s, passed)
            asked_s += took_s
        return Walked(tensor, None, run_s, asked_s, passed)

    def _pieces(self, stage: Stage) -> tuple[Piece, ...]:
        does_all = stage.step is Step.RUN_DEVICE and stage.start == 0
        trunk = self._graph.paths[-1]
        points = range(0 if does_all else max(stage.start, 1), stage.stop + 1)
        found, start = [], stage.start
        for other in exits_on_the_way(self._graph, self._rule, stage.exit, points):
            layers = run_on_device(trunk.exit_name, start, other.leaves_after)
            found.append(
                Piece(layers if start < other.leaves_after else None, other.exit_name, _branch(other))
            )
            start = other.leaves_after
        if start < stage.stop:
            found.append(Piece(run_on_device(stage.exit, start, stage.stop)))
        return tuple(found)


def _branch(path: ExitPath) -> Stage:
    """An exit's own layers."""
    return run_on_device(path.exit_name, path.leaves_after, len(path.layers))
