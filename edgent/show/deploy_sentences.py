"""The commands that write the edges that devices need."""

import shlex

from edgent.capacity.need import Need
from edgent.deploy.compose import MOST_EDGES
from edgent.deploy.deployed import MOST_WORKERS
from edgent.deploy.kubernetes.scaling import MOST_PODS
from edgent.deploy.owned_folder import OWN_CHANGES


def deploy_sentences(one: Need, spec: str) -> list[str]:
    """One for a machine, where it may have so many edges, and one for a cluster; none without such edges.

    Where no command takes so many workers, that is said in their place.

    Args:
        one: what is needed, or was given.
        spec: as a command takes it.
    """
    figures = one.found
    if not one.is_enough or not figures.edges or figures.workers is None:
        return []
    if figures.workers > MOST_WORKERS:
        too_many = (
            f"`edgent deploy` gives an edge {MOST_WORKERS:,} workers at most: ask for more edges, with "
            f"--workers {MOST_WORKERS} or fewer."
        )
        return [too_many]
    named, workers = shlex.quote(spec), f"--workers {figures.workers}"
    on_one_machine = (
        f"`edgent deploy compose {named} --edges {figures.edges} {workers}` writes them for one machine."
    )
    limit = (
        f", {MOST_PODS} at most; {OWN_CHANGES} says how to allow more" if figures.edges > MOST_PODS else ""
    )
    in_a_cluster = f"`edgent deploy kubernetes {named} {workers}` writes them as pods of a cluster{limit}."
    return [*([on_one_machine] if figures.edges <= MOST_EDGES else []), in_a_cluster]
