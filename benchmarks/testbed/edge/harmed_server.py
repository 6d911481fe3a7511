"""A TorchServe on the edge that serves a whole pipeline and is harmed as told.

`python -m benchmarks.testbed.edge.harmed_server SPEC FOLDER HOST`; each line of JSON on its standard input is
a command, see `HarmedServer`. Nobody else is on the testbed's network, so tokens travel without TLS there.
"""

import signal
import sys
import time
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, Literal

from benchmarks.testbed.conversation import converse, say
from benchmarks.testbed.edge.edge_under_test import EdgeUnderTest
from benchmarks.testbed.trial import open_trial
from edgent.errors import EdgentError

Harm = Literal["killed", "frozen", "drained", "slowed to a tenth"]


class HarmedServer:
    """What the server can be told; every method answers with plain values for JSON."""

    def __init__(self, edge: EdgeUnderTest) -> None:
        self._edge = edge
        self._harmed = ExitStack()

    def handle(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Do one thing."""
        answer: dict[str, Any] = getattr(self, do)(**arguments)
        return answer

    def harm(self, name: Harm, after_s: float) -> dict[str, Any]:
        """Harm the server after some seconds; when that was, on the machine's monotonic clock."""
        harms: dict[Harm, AbstractContextManager[None]] = {
            "killed": self._edge.killed_server(),
            "frozen": self._edge.frozen_server(),
            "drained": self._edge.drained_server(),
            "slowed to a tenth": self._edge.slowed_server(),
        }
        time.sleep(after_s)
        at_s = time.monotonic()
        self._harmed.enter_context(harms[name])
        return {"at_s": at_s}

    def heal(self) -> dict[str, Any]:
        """Undo the harm."""
        self._harmed.close()
        return {}


def main(spec: str, folder: str, host: str) -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    network = open_trial(Path(spec))
    try:
        with EdgeUnderTest(network, [network.spec.name], Path(folder), host=host) as edge:
            say(http=edge.server.addresses.inference, token_file=str(edge.token_file))
            server = HarmedServer(edge)
            try:
                converse(server.handle)
            finally:
                server.heal()
    except EdgentError as error:
        say(failed=str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
