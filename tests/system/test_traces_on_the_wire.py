"""A real TorchServe answers requests that tell their trace as it answers all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from opentelemetry import trace

from device_runtime.deadline import Deadline
from device_runtime.exchange.edge_client import EdgeClient
from device_runtime.watching.spans import traceparent

if TYPE_CHECKING:
    from tests.torchserve_fixtures import Edge

pytestmark = pytest.mark.torchserve

IMAGE = np.random.default_rng(7).integers(0, 256, (1, 3, 8, 8), np.uint8)
CALLER = trace.NonRecordingSpan(trace.SpanContext(0xA, 0xB, is_remote=False, trace_flags=trace.TraceFlags(1)))


@pytest.mark.parametrize("interface", ["inference", "grpc_inference"])
def test_the_answer_is_the_same(tiny_edge: Edge, tiny_head: str, interface: str) -> None:
    """Over HTTP and over gRPC, with some bytes more on the way up."""
    url: str = getattr(tiny_edge.server.addresses, interface)
    address = tiny_edge.address("tiny", tiny_head)
    sent, outputs = [], []
    for traced in (False, True):
        client = EdgeClient(url, token_file=tiny_edge.server.token_file, traced=traced)
        for _ in range(2):  # the first one opens the connection
            with trace.use_span(CALLER):
                assert traceparent() == f"00-{'0' * 31}a-{'0' * 15}b-01"
                request = client.write_request(address, IMAGE, "raw", "float32", 0.0)
            reply = client.exchange(address, request, Deadline.after(30))
            output = client.read_reply(address, reply).tensor
        client.close()
        sent.append(reply.sent_bytes)
        outputs.append(output)
    np.testing.assert_array_equal(outputs[0], outputs[1])
    assert 20 < sent[1] - sent[0] <= 70
