"""What the paper's plan space leaves out of a spec's plans, in one sentence."""

from edgent.network import Network


def left_out_lines(network: Network) -> list[str]:
    """That maps and replays have heads from the input only, where the spec has more; nothing where not.

    Args:
        network: its spec and its exit rule say what there is beside these.
    """
    spec = network.spec
    kinds = {
        "windows that start inside a path": spec.windows,
        "feature codecs": spec.codecs.features,
        "plans that leave early": network.exit_rule is not None,
    }
    there = [kind for kind, is_there in kinds.items() if is_there]
    if not there:
        return []
    listed = " and ".join(filter(None, (", ".join(there[:-1]), there[-1])))
    return [f"Counted as in the paper, heads from the input only: without {listed}, which `edgent plan` has."]
