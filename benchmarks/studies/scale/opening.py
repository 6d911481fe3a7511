"""How long a device takes to open a pipeline: `python -m benchmarks.studies.scale.opening SPEC`.

In a process of its own, with the cache filled and no edge that answers; it prints seconds, without those that
Python takes to import edgent.
"""

import sys
import time

from device_runtime import DeviceRuntime

_NO_EDGE = "http://127.0.0.1:9"


def main(spec: str) -> None:
    """Open the pipeline."""
    began_s = time.perf_counter()
    with DeviceRuntime.open(spec, inference_url=_NO_EDGE):
        print(time.perf_counter() - began_s)


if __name__ == "__main__":
    main(*sys.argv[1:])
