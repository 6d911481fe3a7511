"""Command line: `python -m benchmarks.studies.soak [--requests N]`."""

import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import Annotated

import psutil
import typer

from benchmarks.studies.soak.measure import soak
from benchmarks.studies.soak.report import drifts_of, is_flat, report
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Study, run
from benchmarks.testbed.edge.edge_under_test import EdgeUnderTest
from benchmarks.testbed.trial import sample_inputs
from device_runtime.runtime import DeviceRuntime
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec

_SPEC, _PLAN = PIPELINES / "lenet.yaml", Plan.parse("exit2:p11:webp:float32")


def main(
    requests: Annotated[int, typer.Option(min=1000, help="How many requests are made.")] = 200_000,
    out: Out = None,
    docs: Docs = False,
) -> None:
    """Soak the LeNet pipeline and a real TorchServe; ends with 1 if something grows."""
    study = Study("soak", out)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edgent-soak-")))
        network = Network.open(read_spec(_SPEC), folder / "cache")
        head = network.head_of(_PLAN)
        assert head is not None, "the plan asks the edge"
        edge = stack.enter_context(EdgeUnderTest(network, [head], folder))
        runtime = stack.enter_context(
            DeviceRuntime.open(
                _SPEC, plan=_PLAN, inference_url=edge.url, token_file=edge.token_file, cache=folder / "cache"
            )
        )
        processes = {
            "device": psutil.Process(os.getpid()),
            "TorchServe (Java)": edge.java_process(),
            "worker": edge.worker_process(),
        }
        began_s = time.perf_counter()
        with study.bar("requests") as tell:
            samples, by_edge = soak(runtime, processes, sample_inputs(network.spec), requests, tell)
        took_s = time.perf_counter() - began_s
    drifts = drifts_of(samples)
    measured = report(samples, drifts, f"{requests:,} requests in {took_s:.0f} s, {by_edge:,} of them")
    study.write(measured, page=LABORATORY / "soak.md" if docs else None)
    study.show(measured)
    if not is_flat(drifts):
        raise typer.Exit(1)


if __name__ == "__main__":
    run(main)
