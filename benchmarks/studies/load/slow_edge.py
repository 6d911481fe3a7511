"""A TorchServe whose head takes its time without taking a core, as one on an accelerator does."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import AddressBook
from device_runtime.exchange.edge_client import EdgeClient
from edgent.core.probe import PROBE
from edgent.core.served_version import served_version
from edgent.edge.mar import head_files, mar_file, write_mar
from edgent.edge.serving import Serving
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe
from edgent.errors import EdgeError, TorchServeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from device_runtime.edges.addresses import Address
    from edgent.network import Network

_QUEUE = 1000
_STARTING_S = 60.0
_MARK_BYTES = 4
_SLOWED = """

def _slow(self: LoadedWindow, tensor: np.ndarray) -> np.ndarray:
    with open({runs!r}, "a") as runs:
        runs.write(tensor.tobytes()[:{mark_bytes}].hex() + "\\n")
    time.sleep({seconds})
    return self._segment.run(tensor)


LoadedWindow.run = _slow
LoadedWindow._time_s = lambda self, tensor: {seconds}  # what it takes at the very least
"""


class SlowEdge:
    """One slow head with one worker.

    Attributes:
        address: where it is asked.
        url, token_file: of the server's HTTP interface.
    """

    def __init__(self, server: TorchServe, address: Address, runs: Path) -> None:
        self.address = address
        self.url, self.token_file = server.addresses.inference, server.token_file
        self._runs = runs

    def client(self) -> EdgeClient:
        """A connection of its own."""
        return EdgeClient(self.url, token_file=self.token_file)

    def runs(self) -> list[int]:
        """The mark of what each run of the head computed: the number in its input's first four bytes."""
        lines = self._runs.read_text(encoding="utf-8").splitlines()
        return [int.from_bytes(bytes.fromhex(line), "big") for line in lines]


@contextmanager
def slow_edge(network: Network, folder: Path, head_s: float, layers: int = 3) -> Iterator[SlowEdge]:
    """A TorchServe that has such a head for as long as the context lasts.

    Args:
        network: LeNet, whose head it is.
        folder: for its archives.
        head_s: Seconds that the head takes.
        layers: How many layers of the deepest path it has.

    Raises:
        TorchServeError: The head does not start.
    """
    models = {model.name: model for model in build_store(folder, plan_archives([network]))}
    runs, sha256 = folder / "runs", network.graph.sha256
    runs.touch()
    deepest = network.graph.paths[-1].index
    name = network.graph.head_name(network.spec.name, deepest, layers)
    files = head_files(
        name,
        network.segments.standalone(deepest, 0, layers),
        Serving(sha256, network.spec.edge.providers, {}, response_timeout_s=20, queue=_QUEUE),
    )
    slowed = _SLOWED.format(runs=str(runs), mark_bytes=_MARK_BYTES, seconds=head_s)
    files["edgent/core/window.py"] += slowed.encode()
    mar = write_mar(folder / mar_file(name, served_version(sha256)), files)
    served = [
        replace(models[network.spec.name], name=name, mar=mar, workers=1),
        replace(models[PROBE], workers=1),
    ]
    with TorchServe(folder, served) as server:
        edge = SlowEdge(server, AddressBook(network).head(name), runs)
        _wait_until_ready(edge)
        yield edge


def _wait_until_ready(edge: SlowEdge) -> None:
    client, until_s = edge.client(), time.perf_counter() + _STARTING_S
    while True:
        try:
            client.check(edge.address, Deadline.after(5.0))
            client.probe(16, 16, Deadline.after(5.0))
        except EdgeError as error:
            if time.perf_counter() > until_s:
                why = f"{edge.address} has not started within {_STARTING_S:g} s: {error}"
                raise TorchServeError(why) from None
            time.sleep(0.2)
        else:
            client.close()
            return
