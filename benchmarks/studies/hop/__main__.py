"""The service hop: echoes through TorchServe and what else there is, side by side in one run.

Where it is root it runs in a network namespace of its own, so that bytes on the wire can be counted.
"""

import contextlib
import os
import shutil
import sys

from benchmarks.studies.hop.measure import fresh_p50_s, measure
from benchmarks.studies.hop.report import SIZES_BYTES, Measured, report
from benchmarks.studies.hop.setting import DEFAULTS, OURS, start_servers
from benchmarks.studies.study import LABORATORY, Docs, Out, Quick, Study, run

_WARM_UP, _QUICK_WARM_UP = 2000, 200  # a JVM needs 2,000
_BLOCKS, _QUICK_BLOCKS, _BLOCK = 10, 1, 100
_FRESH_ECHOES, _FRESH_EVERY_S = 100, 0.02
_ALONE = "EDGENT_HOP_ALONE"


def main(
    quick: Quick = False,
    out: Out = None,
    docs: Docs = False,
) -> None:
    """Measure the hop: p50, p99 and bytes on the wire of echoes, one run, clients in turn."""
    if os.geteuid() == 0 and _ALONE not in os.environ and shutil.which("unshare") and shutil.which("ip"):
        _go_alone()
    study = Study("hop", out)
    with contextlib.ExitStack() as stack:
        with study.console.status("starting the servers"):
            clients = start_servers(stack)
        payload = os.urandom(SIZES_BYTES[1])
        fresh_s = {
            name: fresh_p50_s(clients[name], payload, _FRESH_ECHOES, _FRESH_EVERY_S)
            for name in (DEFAULTS, OURS)
        }
        with study.bar("echoes") as tell:
            for echo in clients.values():
                for _ in range(_QUICK_WARM_UP if quick else _WARM_UP):
                    echo(payload)
            hops = {}
            for number, size_bytes in enumerate(SIZES_BYTES):
                tell(f"{size_bytes / 1000:g} kB", number / len(SIZES_BYTES))
                blocks, alone = _QUICK_BLOCKS if quick else _BLOCKS, _ALONE in os.environ
                hops[size_bytes] = measure(clients, os.urandom(size_bytes), blocks, _BLOCK, alone=alone)
    measured = report(Measured(hops, fresh_s, _FRESH_ECHOES, _FRESH_EVERY_S))
    study.write(measured, page=LABORATORY / "hop.md" if docs else None)
    study.show(measured)


def _go_alone() -> None:
    """Start over in a network of its own."""
    command = " ".join([sys.executable, "-m", "benchmarks.studies.hop", *sys.argv[1:]])
    script = f"ip link set lo up && exec {command}"
    os.execvpe(  # noqa: S606  this very study, in a network of its own
        "unshare", ["unshare", "--net", "sh", "-c", script], os.environ | {_ALONE: "1"}
    )


if __name__ == "__main__":
    run(main)
