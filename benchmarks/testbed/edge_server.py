"""A TorchServe on the edge: `python -m benchmarks.testbed.edge_server STORE HOST`.

It says in one line of JSON where it answers and where its tokens are, or what failed, and serves until its
standard input ends. The edge is no network of anybody's, so tokens travel without TLS there.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.host import Host
from edgent.edge.store import read_store
from edgent.edge.torchserve import TorchServe, free_addresses
from edgent.errors import EdgentError

STOP_S = 60.0


@contextmanager
def served(
    edge: Host, edge_host: str, store: Path, address: Callable[[int], tuple[str, int]]
) -> Iterator[dict[str, str]]:
    """Serve archives on the edge; gives the variables by which a device finds them.

    Args:
        edge: where the server runs.
        edge_host: the address that it binds to.
        store: folder of the archives.
        address: host and port at which the device reaches a port of the edge.

    Raises:
        TestbedError: the server did not start.
    """
    server = edge.popen_module("edge_server", str(store), edge_host, stdin=subprocess.PIPE)
    try:
        assert server.stdout is not None
        said = json.loads(server.stdout.readline() or '{"failed": "it ended without a word"}')
        if "failed" in said:
            raise TestbedError(f"TorchServe on the edge: {said['failed']}")
        (host, port), (_, grpc_port) = (address(urlsplit(said[name]).port or 80) for name in ("url", "grpc"))
        yield {
            "EDGENT_INFERENCE_URL": f"http://{host}:{port}",
            "EDGENT_GRPC_URL": f"grpc://{host}:{grpc_port}",
            "EDGENT_TOKEN_FILE": said["token_file"],
        }
    finally:
        server.communicate(timeout=STOP_S)


def main(store: str, host: str) -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        folder = Path(store)
        with TorchServe(folder, read_store(folder), addresses=free_addresses(host)) as server:
            found = {"url": server.addresses.inference, "grpc": server.addresses.grpc_inference}
            _say(**found, token_file=str(server.token_file))
            sys.stdin.read()
    except EdgentError as error:
        _say(failed=str(error))


def _say(**said: str) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
