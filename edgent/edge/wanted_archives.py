"""Which archives a pipeline should get: those of the user's plans, then those of what plans choose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgent.edge.chosen_windows import ChosenWindow, chosen_windows, edge_only_windows
from edgent.edge.store import plan_archives
from edgent.errors import PlanError, StaleFileError
from edgent.latency.loading import load_cost_table, load_map
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.edge.head_archive import HeadArchive
    from edgent.network import Network


@dataclass(frozen=True)
class WantedArchives:
    """What is wanted of a pipeline.

    Attributes:
        network: the pipeline's.
        named: windows of the user's plans; their heads get an archive and a worker.
        chosen: windows that plans choose, the most wanted first.
        workers: how many of the chosen heads get a worker, where the user named no plan.
    """

    network: Network
    named: tuple[ChosenWindow, ...]
    chosen: tuple[ChosenWindow, ...]
    workers: int

    @property
    def windows(self) -> list[tuple[str, str]]:
        """The windows that the pipeline's archive loads from the start, each once."""
        return list(dict.fromkeys(window.ends for window in (*self.named, *self.chosen)))

    @property
    def with_worker(self) -> dict[str, str]:
        """Why heads get a worker, by their names."""
        chosen = [window for window in self.chosen if window.head]
        return {
            window.head: window.reason for window in (*self.named, *chosen[: self.workers]) if window.head
        }


def wanted_archives(networks: Sequence[Network], plans: Sequence[str], workers: int) -> list[WantedArchives]:
    """What the user's plans need of each pipeline, and what plans choose.

    Args:
        networks: pipelines.
        plans: the user's, each for every pipeline that has it; with any, no other head gets a worker.
        workers: how many of the chosen heads get a worker without them.

    Raises:
        PlanError: no pipeline has one of the plans.
    """
    named: list[list[ChosenWindow]] = [[] for _ in networks]
    for plan in map(Plan.parse, plans):
        refusals, having = [], {}
        for number, network in enumerate(networks):
            try:
                network.head_of(plan)
                having[network.spec.name] = number
            except PlanError as error:
                refusals.append(f"{network.spec.name}: {error}" if len(networks) > 1 else str(error))
        if not having:
            raise PlanError("\n".join(refusals))
        both = f", which {' and '.join(having)} have" if len(having) > 1 else ""
        for number in having.values() if plan.remote else ():
            named[number].append(ChosenWindow.of(networks[number], plan, f"for {plan}{both}"))
    return [
        WantedArchives(network, tuple(windows), tuple(_chosen(network)), 0 if plans else workers)
        for network, windows in zip(networks, named, strict=True)
    ]


def wanted_heads(wanted: Sequence[WantedArchives], *, every: bool = False) -> list[HeadArchive]:
    """The heads that get an archive, the most wanted first: those of the user's plans, others if they fit.

    Args:
        wanted: what is wanted of each pipeline.
        every: whether all heads get one, whatever they take.

    Raises:
        ArchiveError: two pipelines have the same name, or one that a head of the other has.
    """
    with_worker = {name for pipeline in wanted for name in pipeline.with_worker}
    every_head = plan_archives([pipeline.network for pipeline in wanted], with_worker)
    planned = {head.name: head for head in every_head}
    named = [window.head for pipeline in wanted for window in pipeline.named if window.head]
    chosen = [window.head for pipeline in wanted for window in pipeline.chosen if window.head]
    if every:
        return every_head
    return [replace(planned[name], extra=name not in named) for name in dict.fromkeys([*named, *chosen])]


def _chosen(network: Network) -> list[ChosenWindow]:
    """Windows that plans choose over the spec's range; without profiles those of edge-only plans."""
    try:
        return chosen_windows(network, load_cost_table(network), load_map(network))
    except (PlanError, StaleFileError) as error:
        return edge_only_windows(network, f"edge-only, as there is no profile to plan from: {error}")
