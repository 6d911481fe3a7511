"""Feature codecs on a device and on an edge in this process: answers, refusals, rescues."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from device_runtime import DeviceRuntime
from edgent.edge.store import build_store, plan_archives
from edgent.errors import PlanError
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec
from tests.in_process_edge import InProcessEdge
from tests.random_feature_codec import chained, write_pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from device_runtime.answer import Answer

PATIENT_S = 60.0
_MOST_ASKS = 500
PLANS = [
    "exit2:p2-p8:student:float32",
    "exit1:p2-p5:student:float32",
    "exit2:p1-p8:late:float32",
    "exit1:p1-p2:late:back",
    "exit2:p2:back",
    "exit2:p1-p2:uint8:back",
]


@pytest.fixture(scope="module")
def spec(chain_network: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chain with a codec up that reads the image, one up behind a layer, and one down."""
    return write_pipeline(tmp_path_factory.mktemp("features"), chain_network)


@pytest.fixture(scope="module")
def edge(spec: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessEdge]:
    """It serves every window, those through codes among them."""
    folder = tmp_path_factory.mktemp("edge")
    network = Network.open(read_spec(spec), folder / "cache")
    build_store(folder / "store", plan_archives([network]))
    with InProcessEdge(folder / "store", folder / "unpacked") as serving:
        yield serving


@pytest.fixture(scope="module")
def runtime(
    spec: Path, edge: InProcessEdge, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeviceRuntime]:
    """A device of that edge."""
    cache = tmp_path_factory.mktemp("cache")
    with _device(spec, edge, cache) as device:
        yield device


def _device(spec: Path, edge: InProcessEdge, cache: Path) -> DeviceRuntime:
    return DeviceRuntime.open(
        spec, plan=PLANS[0], inference_url=edge.url, token_file=edge.token_file, cache=cache
    )


def _answer(runtime: DeviceRuntime, plan: str, image: np.ndarray) -> np.ndarray:
    """What is answered once the window is loaded."""
    return _answered(runtime, plan, image).logits


def _answered(runtime: DeviceRuntime, plan: str, image: np.ndarray) -> Answer:
    """The edge's part of an answer counts: ask until the window is loaded."""
    for _ in range(_MOST_ASKS):
        answer = runtime.infer(image, PATIENT_S, plan)
        if answer.edge_error is None:
            assert str(answer.plan) == plan
            return answer
        assert "not ready" in answer.edge_error
        time.sleep(0.005)
    raise AssertionError(f"{plan} was not ready after {_MOST_ASKS} asks")


@pytest.mark.parametrize("plan", PLANS)
def test_the_answer_is_that_of_the_same_parts_in_a_row(runtime: DeviceRuntime, plan: str) -> None:
    """Encoders, layers and decoders that run in one process, one after the other."""
    image = np.random.default_rng(2).integers(0, 256, (3, 8, 8), dtype=np.uint8)
    expected = chained(runtime.network, Plan.parse(plan), image)
    if "uint8" in plan:  # a lossy codec on the way up
        assert _answer(runtime, plan, image).shape == expected.shape
    else:
        np.testing.assert_allclose(_answer(runtime, plan, image), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("plan", PLANS)
def test_writing_and_reading_a_code_counts_to_its_codec(runtime: DeviceRuntime, plan: str) -> None:
    """As profiles have it, so that what is learnt of one plan is not missed in its prediction."""
    image = np.random.default_rng(2).integers(0, 256, (3, 8, 8), dtype=np.uint8)
    times, parsed = _answered(runtime, plan, image).timeline, Plan.parse(plan)
    codes = runtime.network.feature_codecs
    assert (times.before_s > 0) is (parsed.start > 0)
    assert (times.encode_s > 0) is (parsed.codec_up not in codes)
    assert (times.decode_s > 0) is (parsed.codec_down not in codes)
    assert times.tail_s > 0 or parsed.codec_down not in codes


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ("exit2:p2-p8:late:float32", "carries what goes up, in plans such as exit2:p1-p8:late:float32"),
        ("exit2:p1:late", "carries what goes up, in plans such as exit2:p1-p8:late:float32"),
        ("exit2:p3:back", "carries what goes down, in plans such as exit2:p2:back"),
        ("exit2:p1-p8:none:float32", "no activation codec 'none' in this pipeline"),
    ],
)
def test_a_codec_that_does_not_stand_there_is_refused(runtime: DeviceRuntime, plan: str, why: str) -> None:
    """With an example of where it does."""
    with pytest.raises(PlanError, match=why):
        runtime.infer(np.zeros((3, 8, 8), np.uint8), PATIENT_S, plan)


def test_an_edge_with_codecs_of_another_training_refuses(
    edge: InProcessEdge, runtime: DeviceRuntime, chain_network: Path, tmp_path: Path
) -> None:
    """As it refuses another model, by the identity in the frame; the device answers alone."""
    other = write_pipeline(tmp_path / "other", chain_network, late_seed=11)
    with _device(other, edge, tmp_path / "cache") as device:
        assert device.network.graph.sha256 == runtime.network.graph.sha256
        answer = device.infer(np.zeros((3, 8, 8), np.uint8), PATIENT_S, PLANS[2])
    assert not answer.plan.remote
    assert answer.edge_error is not None
    assert "device and archives must come from the same model" in answer.edge_error


def test_a_rescue_begins_with_what_the_encoder_read(spec: Path, tmp_path: Path) -> None:
    """Without an edge the layers behind the encoder's cut run here; a student leaves the image alone."""
    image = np.random.default_rng(3).integers(0, 256, (3, 8, 8), dtype=np.uint8)
    with DeviceRuntime.open(
        spec, plan="exit2:p1-p8:late:float32", inference_url="http://127.0.0.1:9", cache=tmp_path / "cache"
    ) as device:
        plan = Plan.parse("exit2:p1-p8:late:float32")
        assert device.local_exits.reached(plan) == 1
        assert device.local_exits.reached(Plan.parse(PLANS[0])) == 0
        going_on = device.local_exits.to_go_on(plan)
        assert {stage.start for stage in going_on if stage.exit == "exit2"} == {1, 3}
        for text in (PLANS[0], PLANS[2]):
            answer = device.infer(image, PATIENT_S, text)
            assert answer.edge_error is not None
            whole = device.infer(image, PATIENT_S, answer.plan).logits
            np.testing.assert_allclose(answer.logits, whole, rtol=0, atol=1e-5)
