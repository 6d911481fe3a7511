"""Where the window of a plan is served: at its head's own endpoint, and at its pipeline's."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from edgent.core.served_version import served_version
from edgent.core.wire import head_identity, window_identity

if TYPE_CHECKING:
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
    pipeline's, which serves any window; one that starts inside the path has only the pipeline's.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
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
        path, sha256 = self._network.graph.path_of(plan.exit), self._network.graph.sha256
        up, down = path.cut(plan.start), path.cut(plan.stop)
        identity = window_identity(sha256, up.name, down.name)
        pipeline = Address(self._network.spec.name, self._version, identity, up)
        if plan.start:
            return (pipeline,)
        name = self._network.head_of(plan)
        assert name is not None, "a remote plan asks a head"
        return (self.head(name), pipeline)
