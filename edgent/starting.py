"""Where the two commands start, quickly; Ctrl-C while they are being loaded ends them without a traceback."""

import gc
import signal
from importlib import import_module


def edgent() -> None:
    """Start ``edgent``."""
    _start("edgent.cli")


def edgent_device() -> None:
    """Start ``edgent-device``."""
    _start("device_runtime.cli")


def _start(module: str) -> None:
    """Load a module, which takes tenths of a second, or seconds on a small device, and run its ``main``."""
    is_heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_heard:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # there is nothing to tidy up yet
    gc.disable()  # nothing of what is loaded goes away: looking for that again and again takes its time
    main = import_module(module).main
    gc.freeze()
    gc.enable()
    if is_heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
