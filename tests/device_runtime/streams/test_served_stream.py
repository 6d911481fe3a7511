"""A stream by way of an edge that answers over HTTP: overlapped or not, each frame has its own answer."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from device_runtime.runtime import DeviceRuntime
from device_runtime.streams.picture import Picture
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec
from tests.in_process_edge import InProcessEdge
from tests.torchserve_fixtures import write_tiny_spec
from tests.window_worker import WindowWorker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from device_runtime.carrying_out.request import Request

PATIENT_S = 30.0
IMAGES = np.random.default_rng(0).integers(0, 256, (24, 3, 8, 8), np.uint8)


@pytest.fixture(scope="module", params=[Plan("exit2", 3, start=1), Plan("exit2", 3)], ids=str)
def runtime(
    request: pytest.FixtureRequest, chain_network: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeviceRuntime]:
    """A runtime that runs layers before and behind the edge's, or behind them alone."""
    folder = tmp_path_factory.mktemp("served")
    spec_file = write_tiny_spec(folder / "chain", chain_network)
    network = Network.open(read_spec(spec_file), folder / "cache")
    with (
        InProcessEdge(folder, folder / "unpacked", {network.spec.name: WindowWorker(network)}) as edge,
        DeviceRuntime.open(
            spec_file,
            plan=request.param,
            inference_url=edge.url,
            token_file=edge.token_file,
            cache=folder / "cache",
        ) as opened,
    ):
        for image in IMAGES[:4]:
            opened.infer(image, PATIENT_S)
        yield opened


def frames() -> list[Picture]:
    """The images, each of which takes the device about as long as the edge."""

    def read(image: np.ndarray) -> np.ndarray:
        time.sleep(0.005)
        return image

    return [Picture(str(number), partial(read, image)) for number, image in enumerate(IMAGES)]


@pytest.mark.parametrize("overlap", [True, False])
def test_each_frame_has_its_own_answer(
    runtime: DeviceRuntime, overlap: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same as by itself, and from the edge; some were sent ahead, or none."""
    ahead: list[Request] = []
    send = runtime._execution.sent_ahead

    def noted(request: Request) -> Request:
        sent = send(request)
        ahead.append(sent)
        return sent

    monkeypatch.setattr(runtime._execution, "sent_ahead", noted)
    alone = [runtime.infer(image, PATIENT_S) for image in IMAGES]
    answers = list(runtime.stream(frames(), PATIENT_S, drops=False, overlap=overlap))
    assert any(request.asked is not None for request in ahead) == overlap
    assert [answer.frame for answer in answers] == list(range(len(IMAGES)))
    for answer, expected in zip(answers, alone, strict=True):
        assert answer.edge_error is None
        assert answer.plan == expected.plan
        assert np.allclose(answer.logits, expected.logits, atol=1e-5)


def test_requests_between_frames_are_answered(runtime: DeviceRuntime) -> None:
    """Of the same network, by the same thread; the edge has a frame of the stream meanwhile, or not."""
    for number, answer in enumerate(runtime.stream(frames(), PATIENT_S, drops=False)):
        if number % 5 == 3:
            other = runtime.infer(IMAGES[number], PATIENT_S)
            assert np.argmax(other.logits) in range(10)
        assert answer.edge_error is None or number % 5 == 4
    assert runtime.infer(IMAGES[0], PATIENT_S).edge_error is None
