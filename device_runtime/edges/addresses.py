"""Where the window of a plan is served: at its head's own endpoint, and at its pipeline's."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from edgent.core.served_version import served_version
from edgent.core.wire import head_identity, window_identity

if TYPE_CHECKING:
    from device_runtime.early_exits.edge_exits import EdgeExits
    from edgent.graph.tensor import Tensor
    from edgent.network import Network
    from edgent.planning.plan import Plan


@dataclass(frozen=True)
class Address:
    """Where to ask for a window.

    Attributes:
        endpoint: TorchServe's name of what serves it.
        version: under which TorchServe serves what was made of our model.
        identity: which head or window of which model it is, as frames carry it.
        takes: what goes up to it.
    """

    endpoint: str
    version: str
    identity: bytes
    takes: Tensor = field(compare=False)

    def __str__(self) -> str:
        return self.endpoint


Addresses = tuple[Address, ...]
"""Of one window, in the order in which they are preferred; none where nothing is asked."""


class AddressBook:
    """The addresses of a network's windows.

    A window that starts at the input has its head's endpoint, where it is loaded from the start, and its
    pipeline's, which serves any window; one that starts inside the path, or begins or ends with the code of a
    feature codec, has only the pipeline's. Only this one asks the exits inside a window, and is preferred
    where there are some to ask.
    """

    def __init__(self, network: Network, exits: EdgeExits | None = None) -> None:
        """Take the network; a window's addresses are found when they are first asked for.

        Args:
            network: whose windows they are.
            exits: knows the exits inside windows; None without an exit rule.
        """
        self._network, self._exits = network, exits
        self._version = served_version(network.graph.sha256)
        self.of = lru_cache(maxsize=4096)(self._of)

    def head(self, name: str) -> Address:
        """The endpoint of a head of this name."""
        graph = self._network.graph
        return Address(name, self._version, head_identity(graph.sha256, name), graph.source)

    def _of(self, plan: Plan) -> Addresses:
        """The addresses of a plan's window.

        Raises:
            PlanError: no such exit or partition point.
        """
        if not plan.remote:
            return ()
        up, down = self._network.ends(plan)
        identity = window_identity(self._network.graph.sha256, up.name, down.name)
        pipeline = Address(self._network.spec.name, self._version, identity, up)
        if not self._network.has_head(plan):
            return (pipeline,)
        name = self._network.head_of(plan)
        assert name is not None, "a remote plan asks a head"
        asks_exits = self._exits is not None and self._exits.inside(plan) is not None
        return (pipeline, self.head(name)) if asks_exits else (self.head(name), pipeline)
