"""The hop's own parts: clients echo, measurements tell them apart."""

import contextlib

import pytest

from benchmarks.studies.hop.clients import http_client, socket_client
from benchmarks.studies.hop.measure import measure
from benchmarks.studies.hop.servers import start
from benchmarks.testbed.errors import TestbedError
from edgent.edge.torchserve import free_addresses


def test_uvicorn_and_the_bare_socket_echo_and_are_timed() -> None:
    """Real servers, real TCP; each client has all its turns."""
    ports = free_addresses()
    http_port = int(ports.inference.rsplit(":", 1)[1])
    with contextlib.ExitStack() as stack:
        start(stack, "uvicorn", http_port)
        start(stack, "socket", ports.grpc_management_port)
        with contextlib.ExitStack() as waiting:
            socket_client(waiting, http_port)  # waits until uvicorn listens
        clients = {
            "http": http_client(stack, ports.inference),
            "socket": socket_client(stack, ports.grpc_management_port),
        }
        hops = measure(clients, b"x" * 5000, 2, 3, alone=False)
    assert set(hops) == {"http", "socket"}
    assert all(0 < hop.p50_s <= hop.p99_s for hop in hops.values())
    assert all(hop.overhead_bytes is None for hop in hops.values())


def test_a_server_that_does_not_echo_is_no_result() -> None:
    """A wrong answer ends the study."""
    with pytest.raises(TestbedError, match="liar did not echo 3 bytes"):
        measure({"liar": lambda payload: payload[1:]}, b"abc", 1, 1, alone=False)
