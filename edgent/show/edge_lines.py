"""A spec's edges, a line for each: how it is reached, and what would be planned for it on a link."""

from edgent.latency.loading import load_cost_table
from edgent.network import Network
from edgent.planning.link import Link
from edgent.planning.worth import Worth, best_of
from edgent.spec import Pipeline
from edgent.units import milliseconds


def edge_lines(spec: Pipeline) -> list[str]:
    """Name, addresses, profile and speed of each edge."""
    lines = []
    for edge in spec.edges:
        urls = " and ".join(url for url in (edge.inference_url, edge.grpc_url) if url)
        profile = spec.of_edge(edge).edge_profile
        known = "no profile" if profile is None else f"profile {profile}"
        faster = "" if edge.speed == 1 else f", {edge.speed:g} times as fast"
        lines.append(f"edge {edge.known_as}: {urls}, {known}{faster}")
    return lines


def plan_lines(
    network: Network, link: Link, latency_requirement_s: float, slowdown: float = 1.0
) -> list[str]:
    """The plan for each edge on the same link, and which edge would be asked; nothing for a single edge.

    Args:
        network: its spec lists the edges.
        link: to each of them.
        latency_requirement_s: of the request.
        slowdown: how many times slower the device is than the one that was profiled.

    Raises:
        PlanError: the spec names no profiles or accuracies.
        StaleFileError: a profile is missing, broken, or made for another model.
    """
    by_edge = network.by_edge()
    if len(by_edge) == 1:
        return []
    objective = network.spec.plans_for
    lines, worths = [], []
    for of_edge in by_edge:
        table = load_cost_table(of_edge, slowdown)
        decision = objective.search(table, link, latency_requirement_s)
        late = Worth((0.0,), decision.latency_s)
        mean_s = table.in_the_mean.latency_s(link)
        worths.append(objective.worth(table, decision.index, mean_s) if decision.meets_requirement else late)
        said = "" if decision.meets_requirement else ", which is late"
        name = of_edge.spec.edge.known_as
        lines.append(f"edge {name}: {decision.plan} in {milliseconds(decision.latency_s)}{said}")
    best = by_edge[best_of(worths)].spec.edge.known_as
    return [*lines, f"On links like this one to all of them, {best} would be asked."]
