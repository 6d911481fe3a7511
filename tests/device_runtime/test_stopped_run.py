"""A run that nobody waits for any more can be ended."""

import numpy as np
import pytest

from device_runtime.local_exits.local_exits import LocalExits
from device_runtime.local_exits.sessions import Sessions
from edgent.core.segment import Segment, Stop
from edgent.errors import StoppedError
from edgent.network import Network

IMAGE = np.zeros((1, 3, 8, 8), np.uint8)


def test_a_stopped_run_ends_and_harms_no_other(tiny_network: Network) -> None:
    """A run that is told to stop before it begins ends with StoppedError; the next one is as ever."""
    segment = Segment(tiny_network.segments.tail(1, 0))
    before = segment.run(IMAGE)
    stop = Stop()
    stop()
    with pytest.raises(StoppedError):
        segment.run(IMAGE, stop)
    np.testing.assert_array_equal(segment.run(IMAGE, Stop()), before)
    np.testing.assert_array_equal(segment.run(IMAGE), before)


def test_a_run_beside_gives_what_a_run_gives(tiny_network: Network) -> None:
    """The same logits, from a thread of its own."""
    exits = LocalExits(tiny_network, Sessions(tiny_network))
    name = tiny_network.graph.exit_names[0]
    future, _ = exits.start(name, IMAGE)
    np.testing.assert_array_equal(future.result(10), exits.run(name, IMAGE))
    exits.close()
