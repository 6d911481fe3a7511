"""What a live run came to: one answer after another, and whether each is the unsplit network's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime

from edgent.bandwidth.traces import BandwidthTrace
from edgent.network import Network
from edgent.planning.plan import Plan


@dataclass(frozen=True)
class LiveAnswer:
    """One answer.

    Attributes:
        number: of the request; also of its input.
        at_s: when the request began, from the trace's beginning.
        link_bps: what the link carried then.
        believed_bps: what the runtime took it for.
        plan, wanted: what was done and what was planned.
        latency_s: from input to answer.
        predicted_s: what was planned with.
        round_trip_s: as the runtime knew it after this request.
        network_s: of the exchange, the head's time left out; 0 where there was none.
        edge_error: why the edge did not answer.
        switched: why the plan is another one than before.
        state_changed: whether the last measurement showed another bandwidth state.
        logits: the exit's output.
    """

    number: int
    at_s: float
    link_bps: float
    believed_bps: float
    plan: Plan
    wanted: Plan
    latency_s: float
    predicted_s: float | None
    round_trip_s: float
    network_s: float
    edge_error: str | None
    switched: str | None
    state_changed: bool
    logits: tuple[float, ...]

    @classmethod
    def read(
        cls, said: Mapping[str, Any], number: int, began_s: float, trace: BandwidthTrace
    ) -> "LiveAnswer":
        """From what the device's program said.

        Args:
            said: its answer.
            number: of the request.
            began_s: when the trace began, on the machine's monotonic clock.
            trace: what the link followed.
        """
        at_s = said["began_s"] - began_s
        return cls(
            number=number,
            at_s=at_s,
            link_bps=float(trace.bandwidth_at(at_s)),
            believed_bps=said["bandwidth_bps"],
            plan=Plan.parse(said["plan"]),
            wanted=Plan.parse(said["wanted"]),
            latency_s=said["latency_s"],
            predicted_s=said["predicted_s"],
            round_trip_s=said["round_trip_s"],
            network_s=said["network_s"],
            edge_error=said["edge_error"],
            switched=said["switched"],
            state_changed=said["state_changed"],
            logits=tuple(said["logits"]),
        )


def wrong_answers(network: Network, images: np.ndarray, answers: Sequence[LiveAnswer]) -> list[LiveAnswer]:
    """Answers that are not, to the bit, what the unsplit network says at their exit.

    Args:
        network: the network.
        images: inputs of the requests, round and round. Shape (n, *input shape).
        answers: of plans without lossy codecs.
    """
    file = network.spec.resolve(network.spec.model.file)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file.read_bytes(), options, providers=["CPUExecutionProvider"])
    wrong = []
    for answer in answers:
        image = images[answer.number % len(images)][None]
        (expected,) = session.run([answer.plan.exit], {network.graph.input_name: image})
        if not np.array_equal(expected[0], np.array(answer.logits, dtype=expected.dtype)):
            wrong.append(answer)
    return wrong
