"""Where a window of a path is served: by its pipeline's endpoint, under an identity of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from edgent.core.wire import window_identity

if TYPE_CHECKING:
    from edgent.graph.tensor import Tensor
    from edgent.network import Network

_NAME = re.compile(r"(exit(?P<exit>\d+)-)?p(?P<start>\d+)-p(?P<stop>\d+)", re.ASCII)


@dataclass(frozen=True)
class WindowAddress:
    """Where to ask for a window.

    Attributes:
        endpoint: TorchServe's name of what serves it.
        identity: which window of which model it is, as frames carry it.
        takes: what goes up to it.
    """

    endpoint: str
    identity: bytes
    takes: Tensor


class WindowAddresses:
    """The addresses of a network's windows, by the names that `Network.head_of` gives them."""

    def __init__(self, network: Network) -> None:
        self._spec_name, self._graph = network.spec.name, network.graph
        self.get = lru_cache(maxsize=4096)(self._get)

    def _get(self, name: str) -> WindowAddress | None:
        """A window's address; None where the name is that of a head, which has an endpoint of its own."""
        match = _NAME.fullmatch(name.removeprefix(f"{self._spec_name}-"))
        if match is None:
            return None
        path = self._graph.paths[int(match["exit"]) - 1 if match["exit"] else -1]
        up, down = path.cut(int(match["start"])), path.cut(int(match["stop"]))
        return WindowAddress(self._spec_name, window_identity(self._graph.sha256, up.name, down.name), up)
