"""That both profiles are of one machine, in a sentence."""

from edgent.latency.profile import read_profile
from edgent.network import Network


def same_machine_lines(network: Network, slowdown: float) -> list[str]:
    """What plans from two profiles of one machine mean; nothing where machines differ or one is slowed.

    Args:
        network: its spec names the profiles, which say what machines they are of.
        slowdown: how many times slower the device is than the one that was profiled.

    Raises:
        StaleFileError: a profile is missing, broken, or made for another model.
    """
    spec, sha256 = network.spec, network.graph.sha256
    if spec.regressors is None or spec.edge_profile is None or slowdown != 1:
        return []
    device = read_profile(spec.resolve(spec.regressors.device), "device", sha256).made_by.machine
    edge = read_profile(spec.resolve(spec.edge_profile), "edge", sha256).made_by.machine
    if device != edge:
        return []
    sentence = (
        f"Both profiles are of one machine ({device.get('cpu', 'of no name')}), so the device counts as "
        "just as quick as the edge. --slowdown 30 plans for a device thirty times as slow; "
        f"on a device of your own, profile it: edgent profile {spec.file} --node device"
    )
    return [sentence]
