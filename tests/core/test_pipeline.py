"""A pipeline with bytes alone: every window's answer, cold and warm, and what is refused."""

from __future__ import annotations

import json
import threading
from http import HTTPStatus
from pathlib import Path

import numpy as np
import pytest

from edgent.core.pipeline import LAYERS, Pipeline
from edgent.core.segment import Segment
from edgent.core.wire import Frame, read_frame, write_frame
from edgent.errors import ModelError
from tests.networks import for_batch_one
from tests.served_pipeline import Served

LENET = Path(__file__).parents[2] / "pipelines" / "lenet" / "network.onnx"


@pytest.fixture(params=["lenet", "residual", "batch of one"])
def model(request: pytest.FixtureRequest, residual_network: Path, tmp_path: Path) -> Path:
    """Networks of which every window is asked for."""
    kinds = {"lenet": LENET, "residual": residual_network}
    return kinds.get(request.param) or for_batch_one(tmp_path / "one.onnx")


def test_every_window_of_every_exit(model: Path, tmp_path: Path) -> None:
    """Layers before it here, the window there, layers after it here: the unsplit network's answer."""
    served = Served(model, tmp_path)
    for path in served.graph.paths:
        last = len(path.layers)
        image = served.noise(0, 2)
        whole = Segment(served.segments.head(path.index, last)).run(image)
        crossing = [
            image,
            *(Segment(served.segments.head(path.index, p)).run(image) for p in range(1, last + 1)),
        ]
        for start in range(last):
            for stop in range(start + 1, last + 1):
                answer = served.tensor(served.request(start, stop, crossing[start], path.index))
                if stop < last:
                    answer = Segment(served.segments.tail(path.index, stop)).run(answer)
                np.testing.assert_allclose(answer, whole, rtol=0, atol=1e-5, err_msg=f"[{start}, {stop})")


def test_a_cold_window_says_so_and_is_ready_soon(residual_network: Path, tmp_path: Path) -> None:
    """Told apart from every error, and a batch of nothing is enough to have it loaded."""
    served = Served(residual_network, tmp_path)
    for batch in (0, 1):
        request = served.request(1 + batch, 3, served.noise(1 + batch, batch))
        ((status, body),) = served.ask(request)
        assert status is HTTPStatus.TOO_EARLY
        assert (
            json.loads(body)["message"] == f"net exit1:p{1 + batch}-p3 is being loaded: ask again in a moment"
        )
        ((status, body),) = served.ask(request)
        assert status is HTTPStatus.OK
        assert read_frame(body).tensor.shape[:1] == (batch,)


def test_warm_windows_are_ready_at_once(residual_network: Path, tmp_path: Path) -> None:
    """Those that the archive lists, and no others."""
    served = Served(residual_network, tmp_path, warm=[(0, 3), (2, 7)])
    answers = served.ask(*(served.request(a, b, served.noise(a)) for a, b in ((0, 3), (2, 7), (0, 4))))
    assert [status for status, _ in answers] == [200, 200, 425]


def test_warm_windows_beyond_the_memory_wait(residual_network: Path, tmp_path: Path) -> None:
    """The first of the list are loaded as far as they fit: one classifier, not two, and a few layers."""
    room = 2 * 256 * 1024 + 10 * 256 * 4
    served = Served(residual_network, tmp_path, memory_bytes=room, warm=[(0, 7), (1, 7), (0, 3)])
    identities = [served.request(a, b, served.noise(a))[8:16] for a, b in served.warm]
    assert list(served.pipeline._windows._held) == [identities[2], identities[0]]


def test_an_evicted_window_comes_back(residual_network: Path, tmp_path: Path) -> None:
    """With room for one, each is right whenever it is asked for again."""
    served = Served(residual_network, tmp_path, memory_bytes=0)
    expected: dict[tuple[int, int], np.ndarray] = {}
    image = {start: served.noise(start) for start in (0, 2)}
    for _ in range(2):
        for start, stop in ((0, 3), (2, 7), (0, 7)):
            answer = served.tensor(served.request(start, stop, image[start]))
            np.testing.assert_array_equal(answer, expected.setdefault((start, stop), answer))
            assert len(served.pipeline._windows._held) == 1


def test_requests_to_one_window_run_together(
    residual_network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of several devices in one batch, by window and size; cold ones and garbage harm none of them."""
    served = Served(residual_network, tmp_path, warm=[(0, 3), (3, 7)])
    places = ((0, 3, 1), (3, 7, 1), (0, 3, 1), (1, 7, 1), (3, 7, 2), (0, 3, 1))
    tensors = [served.noise(start, batch) for start, _, batch in places]
    requests = [served.request(a, b, tensor) for (a, b, _), tensor in zip(places, tensors, strict=True)]
    runs = []
    run, here = Segment.run, threading.get_ident()

    def counted(segment: Segment, tensor: np.ndarray) -> np.ndarray:
        if threading.get_ident() == here:  # in the other thread the cold window is loaded and run warm
            runs.append(tensor.shape[0])
        return run(segment, tensor)

    monkeypatch.setattr(Segment, "run", counted)
    answers = served.pipeline.answer([*requests, b"garbage"])
    monkeypatch.undo()
    assert runs == [3, 1, 2]
    assert [status for status, _ in answers] == [200, 200, 200, 425, 200, 200, 400]
    for (start, stop, _), tensor, (status, body) in zip(places, tensors, answers, strict=False):
        if status is HTTPStatus.OK:
            alone = Segment(served.segments.segment(1, start, stop)).run(tensor)
            np.testing.assert_allclose(read_frame(body).tensor, alone, rtol=0, atol=1e-5)


def test_what_is_refused(residual_network: Path, tmp_path: Path) -> None:
    """As heads refuse: another model or window, shape, element type, too many, too late; cold or not."""
    served = Served(residual_network, tmp_path, warm=[(0, 3)])
    loaded = served.pipeline.loaded(served.pipeline.find(served.request(0, 3, served.noise(0))[8:16]))
    loaded.least_compute_s = 1e-3
    image = served.noise(0)
    cases = [
        (
            write_frame(Frame(image, "raw", bytes(8), "float32")),
            409,
            "device and archives must come from the same",
        ),
        (served.request(0, 3, image[..., 1:]), 400, "takes a batch of shape (3, 8, 8), not (1, 3, 8, 7)"),
        (
            served.request(1, 3, served.noise(1)[:, 1:]),
            400,
            "net exit1:p1-p3 takes a batch of shape (4, 8, 8)",
        ),
        (served.request(0, 3, image.astype(np.float32)), 400, "takes uint8, not float32"),
        (served.request(0, 3, served.noise(0, 5)), 400, "net exit1:p0-p3 takes at most 4 inputs, not 5"),
        (served.request(0, 3, served.noise(0, 50)), 400, "bytes; at most 4096"),
        (served.request(0, 3, image, seconds=1e-6), 504, "0.000 ms are left, net exit1:p0-p3 takes 1.000"),
        (b"", 400, "a frame has at least"),
    ]
    answers = served.ask(*(request for request, _, _ in cases))
    for (_, status, reason), (said, body) in zip(cases, answers, strict=True):
        assert said == status, body
        assert reason in json.loads(body)["message"]
    assert len(served.pipeline._windows._held) == 1


def test_a_window_that_cannot_be_loaded(residual_network: Path, tmp_path: Path) -> None:
    """The weights went away while it was served: the request after the first hears why."""
    served = Served(residual_network, tmp_path)
    (tmp_path / served.segments.weights().name).unlink()
    request = served.request(0, 7, served.noise(0))
    assert served.ask(request)[0][0] is HTTPStatus.TOO_EARLY
    ((status, body),) = served.ask(request)
    assert status is HTTPStatus.INTERNAL_SERVER_ERROR
    assert "net exit2:p0-p7 cannot be loaded" in json.loads(body)["message"]


@pytest.mark.parametrize("file", [LAYERS, "weights-1.bin"])
@pytest.mark.parametrize("damage", ["a bit", "empty", "missing"])
def test_a_damaged_archive_is_not_served(
    file: str, damage: str, residual_network: Path, tmp_path: Path
) -> None:
    """Neither its layers nor its weights may differ from what was built."""
    served = Served(residual_network, tmp_path)
    content = bytearray((tmp_path / file).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / file).write_bytes(content if damage == "a bit" else b"")
    if damage == "missing":
        (tmp_path / file).unlink()
    with pytest.raises(ModelError, match=f"{file} of net is damaged: build the archive again"):
        Pipeline(tmp_path, served.config)
