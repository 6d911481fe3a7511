"""Where the time of one request went: seconds and bytes of the stages that were carried out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgent.planning.stages import Step

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Timeline:
    """What was measured of one request; 0 for what did not happen.

    Attributes:
        seconds: of each step that is measured by itself.
        network_s: the exchange without the edge's queue and the head's compute time: link, HTTP, TorchServe,
            the edge's codecs.
        sent_bytes, received_bytes: on the connection, HTTP headers included. Where the device answered alone
            after all, those of the frames that it had sent, as far as is known.
        trailing_bytes, trailing_s: received behind the first bytes of the answer, and how long these took.
        queue_s: in the edge's queue; None: nothing is known of it, and it is in the network's time.
    """

    seconds: Mapping[Step, float] = field(default_factory=dict)
    network_s: float = 0.0
    sent_bytes: int = 0
    received_bytes: int = 0
    trailing_bytes: int = 0
    trailing_s: float = 0.0
    queue_s: float | None = None

    def __getitem__(self, step: Step) -> float:
        return self.seconds.get(step, 0.0)

    @property
    def before_s(self) -> float:
        """The layers before the window."""
        return self[Step.RUN_BEFORE]

    @property
    def encode_s(self) -> float:
        """What goes up to frame, on the device."""
        return self[Step.ENCODE_UP]

    @property
    def edge_s(self) -> float:
        """The window, as the edge reports it."""
        return self[Step.RUN_EDGE]

    @property
    def decode_s(self) -> float:
        """Frame to activation, on the device."""
        return self[Step.DECODE_DOWN]

    @property
    def tail_s(self) -> float:
        """The tail, or a whole local path."""
        return self[Step.RUN_DEVICE]

    @property
    def total_s(self) -> float:
        """Seconds of all of it."""
        return self.network_s + (self.queue_s or 0.0) + sum(self.seconds.values())
