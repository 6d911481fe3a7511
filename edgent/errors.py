"""Every error that edgent raises on purpose.

::

    EdgentError                  what a user can be told in one sentence
    ├── SpecError                the pipeline spec (all its problems at once, each with path and line)
    ├── ModelError               the ONNX file: missing, broken, or not what the spec declares
    ├── ProviderError            an execution provider that onnxruntime does not have or cannot start
    ├── InputError               an image or array that the network does not take
    │   └── NoFileError          an input without a photo's file that may go up, where the plan sends it
    ├── OutputError              a result that cannot be written, as on a full disk
    ├── DataError                a data set or a trace that is missing or malformed
    ├── StoppedError             a computation that was ended because nobody waits for it any more
    ├── FrameError               bytes on the wire that are no frame, or one over the caps
    │   └── WireVersionError     a frame of another wire version
    ├── NotReadyError            a window of layers that is being loaded, and will answer in a moment
    ├── StaleFileError           a generated file made for another model, version or set of requirements
    ├── ArchiveError             an archive cannot be built
    ├── PlanError                no such exit, partition point or codec; nothing to plan from
    ├── UnknownNameError         a codec, policy, forecast, measure, data set … that nobody declares
    ├── PluginError              what another package adds cannot be loaded, fails, or has a taken name
    ├── MissingExtraError        a package that only an extra of edgent installs is not there
    ├── ClusterError             no machines to compute on
    ├── TorchServeError          the server could not be started or managed
    └── EdgeError                an exchange with the edge failed
        ├── EdgeUnreachableError no connection, or it broke
        ├── EdgeTimeoutError     no answer within the budget
        ├── EdgeBusyError        the head has no worker, or its queue is full; the edge does not tell which
        │   ├── NoWorkerError    it has no worker
        │   ├── QueueFullError   it has one, and its queue is full
        │   ├── ExpiredError     a worker took the request when nobody waited any more, and computed nothing
        │   ├── ColdWindowError  the pipeline is loading the window, and will answer in a moment
        │   └── HeadFailedError  the head's worker died, or could not run the window
        ├── TokenError           the token is missing, wrong or expired
        └── HeadRefusedError     the head refused: other model, other wire version, malformed frame
            └── HeadAbsentError  TorchServe has no such head, or not in our model's version

Messages carry the value, the limit and the place, and say what to do next.
"""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgent.core.stay import Stay


class EdgentError(Exception):
    """What a user can be told in one sentence, without a traceback."""


class SpecError(EdgentError):
    """The pipeline spec is wrong; the message lists every problem with its path and line."""


class ModelError(EdgentError):
    """The ONNX file is missing, broken, or not what the spec declares."""


class ProviderError(EdgentError):
    """An execution provider that onnxruntime does not have or cannot start."""


class InputError(EdgentError):
    """An image or array that the network does not take."""


class NoFileError(InputError):
    """An input without a photo's file that may go up, where the plan sends it; other plans may take it."""


class OutputError(EdgentError):
    """A result that cannot be written, as on a full disk."""


class DataError(EdgentError):
    """A data set or a trace that is missing or malformed."""


class StoppedError(EdgentError):
    """A computation that was ended because nobody waits for it any more."""


class FrameError(EdgentError):
    """Bytes that are no frame, or a frame over the caps."""


class WireVersionError(FrameError):
    """A frame of another wire version than ours."""


class NotReadyError(EdgentError):
    """A window of layers that is being loaded: the next request may find it ready."""


class StaleFileError(EdgentError):
    """A generated file that was made for another model, version or set of requirements."""


class ArchiveError(EdgentError):
    """An archive cannot be built."""


class PlanError(EdgentError):
    """No such exit, partition point or codec; or nothing to plan from."""


class UnknownNameError(EdgentError, KeyError):
    """A codec, policy, forecast, measure, data set or trace format that nobody declares."""

    __str__ = Exception.__str__  # a KeyError would show its message in quotes


class PluginError(EdgentError):
    """What another package adds cannot be loaded, fails, or has a name that is taken."""


class MissingExtraError(EdgentError):
    """A package that only an extra of edgent installs is not there."""

    def __init__(self, package: str, extra: str) -> None:
        """Say which package is missing, and what installs it: another Python's pip where here is none.

        Args:
            package: the missing package, or a program that it brings.
            extra: the extra of edgent that installs it.
        """
        pip = "pip" if find_spec("pip") else f"python3 -m pip --python {shlex.quote(sys.executable)}"
        super().__init__(f"{package} is not installed here: run `{pip} install 'edgent[{extra}]'`")


class ClusterError(EdgentError):
    """The scheduler of other machines to compute on does not answer."""


class TorchServeError(EdgentError):
    """The server could not be started or managed."""


class EdgeError(EdgentError):
    """An exchange with the edge failed."""


class EdgeUnreachableError(EdgeError):
    """No connection to the edge, or it broke before the answer was whole."""


class EdgeTimeoutError(EdgeError):
    """No answer from the edge within the budget."""


class EdgeBusyError(EdgeError):
    """The head has no worker, or its queue is full: it does not answer now, and nobody tells which."""


class NoWorkerError(EdgeBusyError):
    """The head has no worker: none was started, or it ended."""


class QueueFullError(EdgeBusyError):
    """The head has a worker, and its queue is full: it has room a moment later."""


class ExpiredError(EdgeBusyError):
    """A worker took the request when its answer would have come too late, and computed nothing."""

    def __init__(self, message: str, stay: Stay, sent_bytes: int = 0, received_bytes: int = 0) -> None:
        """Say so.

        Args:
            message: what the worker said.
            stay: how long the request stayed, and how busy the worker was.
            sent_bytes: on the connection, headers included.
            received_bytes: the same of what came back.
        """
        super().__init__(message)
        self.stay, self.sent_bytes, self.received_bytes = stay, sent_bytes, received_bytes
        self.exchange_s = 0.0
        """Seconds from the first byte sent to the last received."""
        self.waited_s: float | None = None
        """Seconds that it was on its way and in the queue; None where no clock tells."""


class ColdWindowError(EdgeBusyError):
    """The pipeline is loading the window, and will answer in a moment."""


class HeadFailedError(EdgeBusyError):
    """The head's worker died, or could not run the window."""


class TokenError(EdgeError):
    """The token is missing, wrong or expired."""


class HeadRefusedError(EdgeError):
    """The head refused the request: other model, other wire version, or a malformed frame."""


class HeadAbsentError(HeadRefusedError):
    """TorchServe has no head of this name, or none of our model's version."""
