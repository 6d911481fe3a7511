"""The hop benchmark's own parts: clients echo, measurements tell them apart."""

import pytest

from benchmarks.studies.hop.echo_clients import HttpClient, SocketClient
from benchmarks.studies.hop.echo_servers import start
from benchmarks.studies.hop.measure import measure
from edgent.edge.torchserve import free_addresses


class Liar:
    """Answers with something else."""

    def echo(self, payload: bytes) -> bytes:
        """Not the payload."""
        return payload[1:]

    def close(self) -> None:
        """Nothing to close."""


def test_uvicorn_and_the_bare_socket_echo_and_are_timed() -> None:
    """Real servers, real TCP; each client has all its turns."""
    ports = free_addresses()
    http_port = int(ports.inference.rsplit(":", 1)[1])
    servers = [start("uvicorn", http_port), start("socket", ports.grpc_management_port)]
    try:
        socket_client = SocketClient(ports.grpc_management_port)
        SocketClient(http_port).close()  # waits until uvicorn listens
        clients = {"http": HttpClient(ports.inference), "socket": socket_client}
        hops = measure(clients, b"x" * 5000, 2, 3, alone=False)
        assert set(hops) == {"http", "socket"}
        assert all(hop.overhead_bytes is None for hop in hops.values())
        assert all(0 < hop.p50_s <= hop.p99_s for hop in hops.values())
        for client in clients.values():
            client.close()
    finally:
        for server in servers:
            server.terminate()
            server.wait()


def test_a_server_that_does_not_echo_is_no_result() -> None:
    """A wrong answer ends the benchmark."""
    with pytest.raises(ValueError, match="liar did not echo 3 bytes"):
        measure({"liar": Liar()}, b"abc", 1, 1, alone=False)
