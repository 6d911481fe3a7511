"""A TorchServe on the edge: `python -m benchmarks.testbed.edge.server STORE HOST BATCH_SIZE`.

It says in one line of JSON where it answers and where its tokens are, or what failed, and serves until its
standard input ends. Nobody else is on the testbed's network, so tokens travel without TLS there.
"""

import signal
import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from benchmarks.testbed.conversation import say
from benchmarks.testbed.testbed import Testbed
from edgent.edge.configuration import ServedModel
from edgent.edge.manifest import read_store, write_manifest
from edgent.edge.mar import is_own_archive
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe, free_addresses
from edgent.errors import EdgentError
from edgent.network import Network

_BATCH_DELAY_MS = 5


BuildOther: TypeAlias = Callable[[Path], ServedModel]
"""Writes an archive that is not edgent's into a store."""


def build_archives(
    store: Path, network: Network, heads: Collection[str], others: Iterable[BuildOther] = ()
) -> None:
    """Write the archives of a network's heads, those that are named with a worker each, and others."""
    for left in store.glob("*.mar"):
        if not is_own_archive(left):
            left.unlink()  # of others, from an earlier run: they are built anew
    models = build_store(store, plan_archives([network], warm=heads))
    models += [build(store) for build in others]
    write_manifest(store, models, {network.spec.name: network.graph.sha256})


class EdgeServer:
    """The server as the asking side sees it.

    Attributes:
        urls: By interface, `http` and `grpc`: where the device reaches it.
        url_on_edge: Where a program on the edge reaches it over HTTP.
        token_file: Its tokens.
    """

    def __init__(self, testbed: Testbed, store: Path, batch_size: int = 1) -> None:
        """Start the server and wait until all its workers are ready.

        Raises:
            TestbedError: The server did not start.
        """
        self._program = testbed.edge.start("edge.server", str(store), testbed.edge_host, str(batch_size))
        said = self._program.read()
        self.url_on_edge: str = said["http"]
        self.urls = {name: testbed.reached_at(said[name]) for name in ("http", "grpc")}
        self.token_file = Path(said["token_file"])

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which `edgent-device` finds the server."""
        return {
            "EDGENT_INFERENCE_URL": self.urls["http"],
            "EDGENT_GRPC_URL": self.urls["grpc"],
            "EDGENT_TOKEN_FILE": str(self.token_file),
        }

    def close(self) -> None:
        """End the server and wait for it."""
        self._program.close()


def main(store: str, host: str, batch_size: str) -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    folder, size = Path(store), int(batch_size)
    try:
        models = read_store(folder)
        if size > 1:
            models = [replace(model, batch_size=size, max_batch_delay_ms=_BATCH_DELAY_MS) for model in models]
        with TorchServe(folder, models, addresses=free_addresses(host)) as server:
            urls = {"http": server.addresses.inference, "grpc": server.addresses.grpc_inference}
            say(**urls, token_file=str(server.token_file))
            sys.stdin.read()
    except EdgentError as error:
        say(failed=str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
