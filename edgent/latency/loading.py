"""The costs of a declared network, from the files that its spec names."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edgent.accuracy.codec_accuracy import read_accuracies
from edgent.accuracy.feature_losses import feature_losses
from edgent.errors import PlanError, StaleFileError
from edgent.latency.asking import exits_to_ask
from edgent.latency.costs import network_costs
from edgent.latency.profile import read_profile
from edgent.latency.speed import at_speed
from edgent.plan_check import check_plan
from edgent.planning.costs import ACCURACY
from edgent.planning.paper.configuration_map_file import read_map
from edgent.planning.plan import FLOAT32, RAW
from edgent.planning.plan_space import plan_space
from edgent.planning.pruning import PlansLeft, Pruning, pruned_space
from edgent.planning.table_building import build_cost_table

if TYPE_CHECKING:
    from edgent.latency.costs import Accuracies, FeatureLosses
    from edgent.network import Network
    from edgent.planning.cost_table import CostTable
    from edgent.planning.costs import NetworkCosts
    from edgent.planning.paper.configuration_map import ConfigurationMap
    from edgent.planning.placement import Placement
    from edgent.spec import Pipeline


USUAL_REQUEST_BYTES, USUAL_ANSWER_BYTES = 240.0, 340.0
"""What HTTP and TCP add, as measured between edgent's client and TorchServe."""
GRPC_REQUEST_BYTES, GRPC_ANSWER_BYTES = 120.0, 103.0
"""What gRPC and TCP add: HTTP/2 says its headers once."""


def load_costs(network: Network, *, windows: bool | None = None) -> NetworkCosts:
    """What every plan costs, from the profiles of both nodes and the measured accuracies.

    Args:
        network: its spec names the profiles of both nodes; of several edges the first counts.
        windows: whether windows may start inside a path; as the spec says unless given. False leaves out
            those behind feature codecs, too, and the twins of plans that leave early.

    Raises:
        PlanError: the spec names no profiles or accuracies; the message says which command makes them.
        StaleFileError: a file is missing, broken, or made for another model.
    """
    spec, sha256 = network.spec, network.graph.sha256
    if spec.regressors is None or spec.edge_profile is None:
        raise PlanError(
            f"{spec.file}: nothing to plan from: run `edgent profile {spec.file} --node device` on the "
            "device, the same with `--node edge` on the edge, or fix a plan with --plan"
        )
    device = read_profile(spec.resolve(spec.regressors.device), "device", sha256)
    edge = at_speed(read_profile(spec.resolve(spec.edge_profile), "edge", sha256), spec.edge.speed)
    known = known_accuracies(network)
    inner = spec.windows if windows is None else windows
    rule, paths = network.exit_rule, network.graph.paths
    costs = network_costs(
        network,
        device,
        edge,
        known.by_exit,
        measure=known.measure,
        windows=inner,
        lost=None if windows is False else known.lost,
        asked=None if rule is None or windows is False else rule.checked_by_codec(paths),
    )
    if rule is None or not costs.asked:
        return costs
    return replace(costs, asked=rule.checked_by_codec(paths, exits_to_ask(costs, network.graph, rule)))


def load_cost_table(
    network: Network,
    slowdown: float = 1.0,
    *,
    windows: bool | None = None,
    rules: Placement | None = None,
) -> CostTable:
    """The plans of a profiled network, as they would be without a server to ask.

    Args:
        network: its spec names the profiles of both nodes.
        slowdown: how many times slower the device is than the one that was profiled.
        windows: whether windows may start inside a path; as the spec says unless given. If so, plans that
            cannot be the best are left out.
        rules: what the edge may not see; as the spec says unless given.

    Raises:
        PlanError: the spec names no profiles or accuracies; the message says which command makes them.
        StaleFileError: a file is missing, broken, or made for another model.
    """
    costs = load_costs(network, windows=windows)
    space = spec_space(network.spec, costs, slowdown, rules)
    table = build_cost_table(costs, *usual_overhead_bytes(network.spec), space).slowed(slowdown)
    return replace(table, left_out=space.left_out)


def usual_overhead_bytes(spec: Pipeline) -> tuple[float, float]:
    """What is added to a request and to its answer: by gRPC where a spec names it, for it is used if quicker.

    Without it, plans that send a hundred bytes would look twice as slow as they are.
    """
    if spec.edge.grpc_url is None:
        return USUAL_REQUEST_BYTES, USUAL_ANSWER_BYTES
    return GRPC_REQUEST_BYTES, GRPC_ANSWER_BYTES


def spec_space(
    spec: Pipeline, costs: NetworkCosts, slowdown: float = 1.0, rules: Placement | None = None
) -> PlansLeft:
    """The plans that a spec's placement allows; with windows, without those that cannot be the best.

    Args:
        spec: its placement counts, and the cost that its objective asks for.
        costs: what every stage costs.
        slowdown: how many times slower the device is than the one that was profiled.
        rules: what the edge may not see; the spec's unless given.
    """
    rules = spec.placement.rules if rules is None else rules
    if costs.has_inner_windows:
        return pruned_space(costs, Pruning(slowdown, counted=spec.plans_for.counted), rules)
    return PlansLeft(tuple(plan_space(costs, rules)))


def load_map(network: Network, needed_by: str | None = None) -> ConfigurationMap | None:
    """The configuration map that a spec names; None where it names none.

    Args:
        network: whose map it is.
        needed_by: name of the policy that follows it; None: it is only of use.

    Raises:
        PlanError: it is needed, and the spec names none.
        StaleFileError: it is missing, broken, or made for another network, other requirements, or with
            plans that the spec offers no more.
    """
    spec = network.spec
    remedy = f"edgent map {spec.file}"
    if spec.bandwidth.map is None:
        if needed_by is not None:
            raise PlanError(
                f"the policy {needed_by} follows a configuration map: make one with `{remedy}`, or choose "
                "another policy"
            )
        return None
    file = spec.resolve(spec.bandwidth.map)
    configuration_map = read_map(file, network.graph.sha256, spec.mapped_requirements_s, remedy)
    for plan in {entry.plan for row in configuration_map.entries for entry in row}:
        try:
            check_plan(network, plan)
        except PlanError as error:
            raise StaleFileError(f"{file}: {error}; run `{remedy}`") from None
    return configuration_map


@dataclass(frozen=True)
class KnownAccuracies:
    """What is known of a network's accuracies.

    Attributes:
        by_exit: of each exit under the pairs of codecs that were measured.
        measure: what they are measured by: ``accuracy``, or one that needs no labels.
        lost: what each exit loses behind feature codecs.
    """

    by_exit: Accuracies
    measure: str = ACCURACY
    lost: FeatureLosses = field(default_factory=dict)


def known_accuracies(network: Network) -> KnownAccuracies:
    """Measured under every codec where that was done; else the exits' own, for lossless codecs.

    Raises:
        StaleFileError: the file of measured accuracies is missing, broken, or made for another model.
    """
    spec = network.spec
    if spec.codecs.accuracy is not None:
        measured = read_accuracies(spec.resolve(spec.codecs.accuracy), network.graph.sha256)
        lost = feature_losses(network, measured.measure, measured.features)
        return KnownAccuracies(measured.by_exit, measured.measure, lost)
    return KnownAccuracies(
        {exit_.name: {(RAW, FLOAT32): exit_.accuracy} for exit_ in spec.exits if exit_.accuracy is not None},
        lost=feature_losses(network, ACCURACY),
    )
