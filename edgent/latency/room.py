"""How much of a network is in memory at once while its segments are timed, or answer held-out inputs."""

import os

_SHARE = 0.25
_MOST_BYTES = 4 << 30


def room_bytes() -> int:
    """Bytes of weights that may be loaded at once: a quarter of the machine's memory, 4 GiB at most.

    onnxruntime keeps another copy of most weights, ordered as its kernels like it, for each segment its own.
    The tails of a VGG-16 take 20 GB together.
    """
    return min(int(_SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")), _MOST_BYTES)
