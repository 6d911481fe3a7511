"""The servers that are compared: TorchServe twice, a minimal uvicorn app, and a bare socket.

`python -m benchmarks.studies.hop.servers uvicorn|socket PORT` runs either of the last two.
"""

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from edgent.edge.configuration import Addresses, ServedModel
from edgent.edge.java import java_home
from edgent.edge.mar import MarFile, probe_files, write_mar
from edgent.edge.torchserve import TorchServe, free_addresses

NAME = "echo"


def echo_archive(folder: Path) -> MarFile:
    """A .mar with the echo handler, otherwise as a head's."""
    files = probe_files(NAME)
    handler = Path(__file__).with_name("echo_handler.py").read_bytes()
    return write_mar(folder / f"{NAME}.mar", files | {"probe_handler.py": handler})


def tuned_torchserve(folder: Path, mar: MarFile) -> TorchServe:
    """TorchServe with the settings that `make archive` writes."""
    return TorchServe(folder, [ServedModel(NAME, mar, 1)], tokens=False)


class DefaultTorchServe:
    """TorchServe as it comes: only the addresses are given."""

    def __init__(self, folder: Path, work: Path) -> None:
        self.addresses: Addresses = free_addresses()
        work.mkdir()
        (work / "config.properties").write_text(
            f"inference_address={self.addresses.inference}\n"
            f"management_address={self.addresses.management}\n"
            f"metrics_address={self.addresses.metrics}\n"
            f"grpc_inference_port={self.addresses.grpc_inference.rpartition(':')[2]}\n"
            f"grpc_management_port={self.addresses.grpc_management_port}\n"
            "default_workers_per_model=1\n"
        )
        command = [str(Path(sys.executable).with_name("torchserve")), "--start", "--foreground", "--ncs"]
        command += ["--model-store", str(folder), "--models", f"{NAME}={NAME}.mar"]
        command += ["--ts-config", str(work / "config.properties"), "--disable-token-auth"]
        environment = os.environ | {"JAVA_HOME": java_home(), "TEMP": str(work), "TMPDIR": str(work)}
        with (work / "console.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=work, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self) -> None:
        """End it, workers included."""
        os.killpg(self._process.pid, 15)
        self._process.wait()


def start(stack: contextlib.ExitStack, kind: str, port: int) -> None:
    """Start a server of this file as a process of its own; the stack ends it."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.studies.hop.servers", kind, str(port)])
    stack.callback(process.wait)
    stack.callback(process.terminate)


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    """The least ASGI application that answers with the request's body."""
    body = b""
    more = scope["type"] == "http"
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}
    )
    await send({"type": "http.response.body", "body": body})


def _serve_socket(port: int) -> None:
    """Length-prefixed messages, echoed: the floor that no server gets below."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as reader:
            while header := reader.read(4):
                connection.sendall(header + reader.read(int.from_bytes(header, "big")))


if __name__ == "__main__":
    if sys.argv[1] == "uvicorn":
        import uvicorn

        uvicorn.run(_echo, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", lifespan="off")
    else:
        _serve_socket(int(sys.argv[2]))
