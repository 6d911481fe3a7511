"""Which of TorchServe's two interfaces is quicker on this link: HTTP's or gRPC's.

gRPC puts a third of HTTP's headers on the wire and takes TorchServe a little longer: it depends on the link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.errors import EdgeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from device_runtime.deadline import Deadline
    from device_runtime.edge_client import EdgeClient

_SMALLEST_PROBE_BYTES = 4
_PROBES = 6  # the first opens the connection


def quicker(clients: Sequence[EdgeClient], deadline: Deadline) -> EdgeClient:
    """The client whose smallest probe comes back first; the others are closed.

    Args:
        clients: of the same edge.
        deadline: when to stop trying.

    Raises:
        EdgeError: none of them was answered; that of the first.
    """
    least_s: dict[int, float] = {}
    errors: dict[int, EdgeError] = {}
    for _ in range(_PROBES):
        for number, client in enumerate(clients):
            if number in errors:
                continue
            try:
                reply = client.probe(_SMALLEST_PROBE_BYTES, 0, deadline)
            except EdgeError as error:
                errors[number] = error
                least_s.pop(number, None)
            else:
                least_s[number] = min(reply.exchange_s, least_s.get(number, reply.exchange_s))
    if not least_s:
        raise errors[0]
    best = min(least_s, key=least_s.__getitem__)
    for number, client in enumerate(clients):
        if number != best:
            client.close()
    return clients[best]
