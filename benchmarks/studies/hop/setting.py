"""The servers of the study, each with its client, all up and running."""

import contextlib
import tempfile
import time
from pathlib import Path

from benchmarks.studies.hop.clients import Echo, grpc_client, grpcio_client, http_client, socket_client
from benchmarks.studies.hop.servers import DefaultTorchServe, echo_archive, start, tuned_torchserve
from benchmarks.testbed.errors import TestbedError
from edgent.edge.torchserve import free_addresses

DEFAULTS, OURS = "TorchServe, defaults: HTTP", "TorchServe, ours: HTTP"
OURS_GRPC, OURS_GRPCIO = "TorchServe, ours: gRPC", "TorchServe, ours: gRPC, grpcio"
BARE_SOCKET = "bare socket"
_STARTING_S = 60.0


def start_servers(stack: contextlib.ExitStack) -> dict[str, Echo]:
    """Start all servers and wait until each echoes; the stack ends them."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edgent-hop-")))
    mar = echo_archive(folder)
    default = DefaultTorchServe(folder, folder / "default")
    stack.callback(default.stop)
    ours = stack.enter_context(tuned_torchserve(folder, mar)).addresses
    ports = free_addresses()
    start(stack, "uvicorn", int(ports.inference.rpartition(":")[2]))
    start(stack, "socket", ports.grpc_management_port)
    clients = {
        DEFAULTS: http_client(stack, default.addresses.inference),
        "TorchServe, defaults: gRPC, grpcio": grpcio_client(stack, default.addresses.grpc_inference),
        OURS: http_client(stack, ours.inference),
        OURS_GRPCIO: grpcio_client(stack, ours.grpc_inference),
        OURS_GRPC: grpc_client(stack, ours.grpc_inference),
        "uvicorn: HTTP": http_client(stack, ports.inference),
        BARE_SOCKET: socket_client(stack, ports.grpc_management_port),
    }
    for name, echo in clients.items():
        _wait_until_up(name, echo)
    return clients


def _wait_until_up(name: str, echo: Echo) -> None:
    ends_s = time.monotonic() + _STARTING_S
    while time.monotonic() < ends_s:
        with contextlib.suppress(Exception):
            if echo(b"up?") == b"up?":
                return
        time.sleep(0.1)
    raise TestbedError(f"{name} did not come up within {_STARTING_S:.0f} s")
