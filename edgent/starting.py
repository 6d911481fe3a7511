"""Where the two commands start: Ctrl-C while they are still being loaded ends them without a traceback."""

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
    main = import_module(module).main
    if is_heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
