"""The servers of the study, each with its client."""

import contextlib
import tempfile
import time
from pathlib import Path

from benchmarks.studies.hop.echo_clients import (
    EchoClient,
    GrpcClient,
    GrpcioClient,
    HttpClient,
    SocketClient,
)
from benchmarks.studies.hop.echo_servers import DefaultTorchServe, echo_archive, start, tuned_torchserve
from benchmarks.testbed.errors import TestbedError
from edgent.edge.torchserve import free_addresses

DEFAULTS, OURS = "TorchServe, defaults: HTTP", "TorchServe, ours: HTTP"
OURS_GRPC, OURS_GRPCIO = "TorchServe, ours: gRPC", "TorchServe, ours: gRPC, grpcio"
BARE_SOCKET = "bare socket"
_STARTING_S = 60.0


def start_servers(stack: contextlib.ExitStack) -> dict[str, EchoClient]:
    """Start all servers and wait until each echoes; the stack ends them."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edgent-hop-")))
    mar = echo_archive(folder)
    default = DefaultTorchServe(folder, folder / "default")
    stack.callback(default.stop)
    ours = stack.enter_context(tuned_torchserve(folder, mar)).addresses
    ports = free_addresses()
    uvicorn_url, socket_port = ports.inference, ports.grpc_management_port
    for kind, port in (("uvicorn", int(uvicorn_url.rsplit(":", 1)[1])), ("socket", socket_port)):
        process = start(kind, port)
        stack.callback(process.wait)
        stack.callback(process.terminate)
    clients: dict[str, EchoClient] = {
        DEFAULTS: HttpClient(default.addresses.inference),
        "TorchServe, defaults: gRPC, grpcio": GrpcioClient(default.addresses.grpc_inference),
        OURS: HttpClient(ours.inference),
        OURS_GRPCIO: GrpcioClient(ours.grpc_inference),
        OURS_GRPC: GrpcClient(ours.grpc_inference),
        "uvicorn: HTTP": HttpClient(uvicorn_url),
        BARE_SOCKET: SocketClient(socket_port),
    }
    for name, client in clients.items():
        stack.callback(client.close)
        _wait_until_up(name, client)
    return clients


def _wait_until_up(name: str, client: EchoClient) -> None:
    ends_s = time.monotonic() + _STARTING_S
    while time.monotonic() < ends_s:
        with contextlib.suppress(Exception):
            if client.echo(b"up?") == b"up?":
                return
        time.sleep(0.1)
    raise TestbedError(f"{name} did not come up within {_STARTING_S:.0f} s")
