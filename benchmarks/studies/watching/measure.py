"""Latencies of requests while nobody watches, while a file is written, and while somebody looks at a page."""

import itertools
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.studies.study import PIPELINES
from benchmarks.testbed.progress import Tell
from device_runtime.link.link import LinkMeter
from device_runtime.link.link_tracking import MovingLink
from device_runtime.runtime import DeviceRuntime
from device_runtime.watching.live_page import LivePage
from device_runtime.watching.recorder import Recorder
from device_runtime.watching.recording_file import RecordingFile
from edgent.bandwidth.conformal import ConformalForecast
from edgent.inputs import GivenInput
from edgent.page.address import LOOPBACK, PageAddress
from edgent.planning.link import Link

WAYS = ("nobody", "--record", "--live and somebody looks")


@dataclass(frozen=True)
class Block:
    """Requests in a row.

    Attributes:
        pipeline, plan: what was asked.
        way: who watched, one of `WAYS`.
        latency_s: median from input to answer.
        apart_s: median from one input to the next.
    """

    pipeline: str
    plan: str
    way: str
    latency_s: float
    apart_s: float


def measure(pipeline: str, plan: str, rounds: int, requests: int, tell: Tell) -> list[Block]:
    """Blocks of all ways in turn, so that what the machine does otherwise meets all of them.

    Args:
        pipeline: name of a shipped one.
        plan: device-only, so that nothing but the device's work is in the latency.
        rounds: blocks of each way.
        requests: of each block.
        tell: hears how far it is.
    """
    blocks = []
    with (
        DeviceRuntime.open(PIPELINES / f"{pipeline}.yaml", plan=plan) as runtime,
        _recorders(runtime) as ways,
    ):
        shape, dtype = runtime.network.graph.input_shape, runtime.network.graph.input_dtype
        inputs = np.random.default_rng(0).integers(0, 256, (requests, *shape)).astype(dtype)
        for number, (way, recorder) in enumerate(itertools.chain.from_iterable([ways.items()] * rounds)):
            tell(f"{pipeline} {plan}", number / (rounds * len(ways)))
            blocks.append(Block(pipeline, plan, way, *_block(runtime, inputs, recorder)))
    return blocks


def _block(runtime: DeviceRuntime, inputs: np.ndarray, recorder: Recorder | None) -> tuple[float, float]:
    """Medians of latencies, and of times between inputs."""
    latencies_s, starts_s = [], []
    for index, image in enumerate(inputs):
        item = GivenInput(f"input {index}", image)
        starts_s.append(time.perf_counter())
        answer = runtime.infer(image)
        if recorder is not None:
            recorder.answered(index, item, answer)
        latencies_s.append(answer.latency_s)
    return float(np.median(latencies_s)), float(np.median(np.diff(starts_s)))


@contextmanager
def _recorders(runtime: DeviceRuntime) -> Iterator[dict[str, Recorder | None]]:
    """Who watches, by way."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
    address = PageAddress.of(LOOPBACK, port)
    with tempfile.TemporaryDirectory() as folder:
        to_file = Recorder(runtime, RecordingFile(Path(folder) / "run.jsonl"))
        to_page = Recorder(runtime, LivePage(address))
        command = [sys.executable, "-m", "benchmarks.studies.watching.viewer", address.shown]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as viewer:
            assert viewer.stdout is not None
            assert viewer.stdout.readline() == "looking\n"
            yield dict(zip(WAYS, (None, to_file, to_page), strict=True))
            viewer.terminate()
        to_file.close()
        to_page.close()


def belief_s(repeats: int) -> float:
    """Median seconds in which it is told what is believed of one edge on a link that moves."""
    tracker = MovingLink(LinkMeter(Link(0.02, 1e6, 4e6)), ConformalForecast(), ConformalForecast())
    for bandwidth_bps in 1e6 * np.exp(0.3 * np.random.default_rng(0).standard_normal(100)):
        tracker.forecast.update(bandwidth_bps)
        tracker.download_forecast.update(4 * bandwidth_bps)
    taken_s = []
    for _ in range(repeats):
        began_s = time.perf_counter()
        assert tracker.belief is not None
        taken_s.append(time.perf_counter() - began_s)
    return float(np.median(taken_s))
