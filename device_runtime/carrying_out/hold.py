"""Until when a request may keep the device."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass
class Hold:
    """How long one request may keep the device; it is shared by all states of the request.

    Attributes:
        until_s: when its local exit has to be done, on the deadline's clock: the device is then needed for a
            request that was begun while this one is at the edge. Infinite: no other request needs it.
    """

    until_s: float = math.inf
