"""What the device's program says of an answer."""

import json

import numpy as np

from benchmarks.testbed.device.reply import Reply
from device_runtime.answer import Answer
from device_runtime.timeline import Timeline
from edgent.planning.plan import Plan
from edgent.planning.stages import Step


def test_a_reply_survives_a_line_of_json() -> None:
    """Plans and logits to the bit."""
    times = Timeline({Step.RUN_EDGE: 0.002}, network_s=0.01, sent_bytes=300, received_bytes=400)
    answer = Answer(
        label="seven",
        class_index=1,
        logits=np.array([0.1, 1 / 3], np.float32),
        plan=Plan("exit1", 0),
        wanted=Plan("exit2", 3, "webp", "uint8"),
        latency_s=0.05,
        latency_requirement_s=0.1,
        timeline=times,
        edge_error="EdgeTimeoutError: too late",
        predicted_s=0.04,
    )
    reply = Reply.of(answer, 12.5)
    said = Reply.from_json(json.loads(json.dumps(reply.to_json())))
    assert said == reply
    assert np.array_equal(np.array(said.logits, np.float32), answer.logits)
    assert (said.wanted, said.edge_s, said.sent_bytes) == (answer.wanted, 0.002, 300)
    assert not said.by_edge
