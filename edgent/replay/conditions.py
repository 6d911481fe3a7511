"""What a replay assumes of the network and its nodes."""

from dataclasses import dataclass, replace

from edgent.latency.loading import load_costs
from edgent.network import Network
from edgent.planning.candidates import Candidates
from edgent.planning.fallback import LocalExit

_REQUEST_BYTES, _ANSWER_BYTES = 240.0, 340.0
"""What HTTP and TCP add, as measured between edgent's client and TorchServe."""


@dataclass(frozen=True, eq=False)
class Conditions:
    """What is the same for all policies and traces.

    Attributes:
        candidates: every plan, with its times and bytes.
        latency_requirement_s: seconds from input to answer.
        round_trip_s: t0.
        throughput_weight: of the reward that policies strive for: 1 in the paper's, 0 for accuracy alone.
        hedged: whether a local exit stands by under every policy, as in the runtime.
    """

    candidates: Candidates
    latency_requirement_s: float
    round_trip_s: float
    throughput_weight: float = 1.0
    hedged: bool = False

    @property
    def local_exits(self) -> tuple[LocalExit, ...]:
        """The device's own exits, shallow to deep; a replay's times have no spread."""
        return tuple(
            LocalExit(plan.exit, float(self.candidates.accuracy[k]), float(self.candidates.device_s[k]))
            for k, plan in enumerate(self.candidates.plans)
            if plan.partition_point == 0
        )


def recorded_candidates(network: Network, slowdown: float = 1.0) -> Candidates:
    """Every plan of a profiled network, as it would be without a server to ask.

    Args:
        network: its spec names the profiles of both nodes.
        slowdown: how many times slower the device is than the one that was profiled.

    Raises:
        PlanError: the spec names no profiles or accuracies; the message says which command makes them.
        StaleFileError: a file is missing, broken, or made for another model.
    """
    return slowed(load_costs(network).candidates(_REQUEST_BYTES, _ANSWER_BYTES), slowdown)


def slowed(candidates: Candidates, slowdown: float) -> Candidates:
    """The same plans on a device that computes so many times slower."""
    return replace(
        candidates,
        device_s=candidates.device_s * slowdown,
        input_encode_s=candidates.input_encode_s * slowdown,
        activation_decode_s=candidates.activation_decode_s * slowdown,
    )
