"""Where exits are asked on a request's way, and why they are not where its plan would leave early."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from device_runtime.early_exits.early_exits import Walked
from edgent.planning.plan import RAW
from edgent.planning.stages import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import numpy as np

    from device_runtime.carrying_out.request import Request
    from device_runtime.early_exits.early_exits import EarlyExits
    from device_runtime.exchange.exchange_thread import Arrival
    from device_runtime.local_exits.sessions import Sessions
    from edgent.network import Network
    from edgent.planning.plan import Plan
    from edgent.planning.stages import Stage

NOTHING_TO_ASK = "no exit on its way is worth asking of inputs that come as this plan sends them"


class Asking:
    """Runs layers on the device, and asks exits on the way where that is in time even if nobody leaves."""

    def __init__(
        self, sessions: Sessions, clock: Callable[[], float], early_exits: EarlyExits | None = None
    ) -> None:
        """Take what runs layers and knows the exits; nothing is run yet.

        Args:
            sessions: runs layers.
            clock: monotonic seconds.
            early_exits: lets inputs leave at exits on the way; None without an exit rule.
        """
        self._sessions, self._clock, self._early_exits = sessions, clock, early_exits

    def through(
        self,
        request: Request,
        stage: Stage,
        tensor: np.ndarray,
        *,
        takes_s: float | None = None,
        before: tuple[str, ...] = (),
        codec: str = RAW,
    ) -> Walked:
        """Run some layers, from exit to exit where these are asked, else at once.

        Args:
            request: what is under way.
            stage: the layers.
            tensor: what they read. Shape (1, ...).
            takes_s: seconds from now to the answer, exits that are asked among them; those of these layers
                unless given.
            before: exits that were asked before these layers.
            codec: the input codec in which the input came.
        """
        not_asked = None
        if self._early_exits is not None and self.is_meant(request, stage):
            not_asked = self.why_not(request, stage, takes_s)
            if not_asked is None:
                return self._early_exits.walk(stage, tensor, before, codec)
        began_s = self._clock()
        output = self._sessions.run(stage, tensor)
        return Walked(output, None, self._clock() - began_s, not_asked=not_asked)

    def is_meant(self, request: Request, stage: Stage) -> bool:
        """Whether the plan would ask exits among some layers."""
        is_plain = stage.decoder is None and stage.encoder is None
        early = self._early_exits
        return early is not None and request.plan.leaves_early and is_plain and early.asks(stage)

    def walk(self, stage: Stage, tensor: np.ndarray) -> Walked:
        """Run some layers from the input from exit to exit: `why_not` has nothing against it."""
        assert self._early_exits is not None, "only where exits are meant to be asked"
        return self._early_exits.walk(stage, tensor)

    def load(self, request: Request, stages: Sequence[Stage]) -> None:
        """Load what asks exits on the device, for a plan that the caller names; once it takes some time."""
        if request.decision is not None:
            return
        for stage in stages:
            if stage.step in (Step.RUN_BEFORE, Step.RUN_DEVICE) and self.is_meant(request, stage):
                self._sessions.load_all(self.sessions_of(request, stage))

    def sessions_of(self, request: Request, stage: Stage) -> list[Stage]:
        """The layers between exits that are run in place of some layers where exits are asked among them."""
        if self._early_exits is None or not request.plan.leaves_early:
            return []
        return self._early_exits.stages(stage)

    def why_not(self, request: Request, stage: Stage, takes_s: float | None = None) -> str | None:
        """Why exits among some layers are not asked; None where they are. See `through`."""
        walk_s = None if self._early_exits is None else self._early_exits.walk_s(stage)
        if walk_s is None:
            return "the layers between exits are not loaded on the device yet"
        if request.decision is None:
            return None
        needs_s, left_s = walk_s if takes_s is None else takes_s, request.answer_by.left_s()
        return None if needs_s <= left_s else too_late(needs_s, left_s)

    def why_not_beyond(self, network: Network, plan: Plan) -> str | None:
        """Why the last exits on a plan's way are never asked under it; None where all can be, or none is."""
        if self._early_exits is None or not plan.leaves_early:
            return None
        until = network.asks_until(plan)
        exits = self._early_exits.beyond(plan, until)
        if not exits:
            return None
        verb = "is" if len(exits) == 1 else "are"
        if network.spec.placement.rules.answer_stays:
            why = "answers stay on the device"
        else:
            codec = plan.codec_down if until >= plan.stop else plan.codec_up
            why = f"no threshold is known for what comes there behind {codec}"
        return f"{', '.join(exits)} {verb} not asked, as {why}"

    def on_edge(self, request: Request) -> Request:
        """A request with the exits that the edge is to ask inside the window, or why it is to ask none."""
        inside = None if self._early_exits is None else self._early_exits.on_edge(request.plan)
        if inside is None:
            return request
        if request.decision is not None:
            needs_s = request.began_s + request.decision.latency_s - self._clock()
            left_s = request.deadline.left_s()
            if needs_s > left_s:
                return replace(request, exits=None, not_asked=too_late(needs_s, left_s))
        return replace(request, exits=replace(inside, passed=request.passed))


def why_not_inside(
    pipeline: str, request: Request, arrival: Arrival, behind: Collection[str] = ()
) -> str | None:
    """Why exits inside the window were asked neither by the edge nor behind its answer; None: all were.

    Args:
        pipeline: its name, which is that of the endpoint that asks exits.
        request: as it was sent.
        arrival: what came back.
        behind: the exits that the device asked of that.
    """
    exits = request.exits
    if exits is None or arrival.asked is not None or set(exits.names) <= set(behind):
        return request.not_asked
    assert request.asked is not None, "an endpoint was asked"
    if request.asked.endpoint == pipeline:
        return f"{pipeline} has not loaded the layers between exits yet"
    return f"{request.asked} serves one head and asks no exits; {pipeline}, which does, is not ready"


def too_late(needs_s: float, left_s: float) -> str:
    """An input that leaves nowhere would be late: what it takes and what is left, in seconds."""
    return f"inputs that leave nowhere would be late: {needs_s * 1e3:.2f} ms, and {left_s * 1e3:.2f} are left"
