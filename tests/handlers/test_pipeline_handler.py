"""The handler of a whole pipeline in this process: cold and warm windows, and a damaged archive."""

from __future__ import annotations

import json
import logging
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.core.segment import Segment
from edgent.core.wire import Frame, read_frame, window_identity, write_frame
from edgent.edge.store import build_store, plan_archives
from edgent.errors import ModelError
from tests.in_process_edge import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.network import Network

RANDOM = np.random.default_rng(8)


@pytest.fixture
def archive(tiny_network: Network, tmp_path: Path) -> Path:
    """The pipeline's archive."""
    models = build_store(tmp_path / "store", plan_archives([tiny_network]))
    return next(model.mar.path for model in models if model.name == "tiny")


def _request(network: Network, start: int, stop: int, tensor: np.ndarray) -> bytes:
    path = network.graph.paths[1]
    identity = window_identity(network.graph.sha256, path.cut_tensor(start), path.cut_tensor(stop))
    return write_frame(Frame(tensor, "raw", identity, "float32"))


def test_cold_and_warm_windows(archive: Path, tiny_network: Network, tmp_path: Path) -> None:
    """The edge-only window is there from the start; an inner one is, once it was asked for."""
    worker = Worker(archive, tmp_path)
    image = RANDOM.integers(0, 256, (1, 3, 8, 8), np.uint8)
    status, body = worker.answer(_request(tiny_network, 0, 8, image))
    assert status == 200
    whole = Segment(tiny_network.segments.head(1, 8)).run(image)
    np.testing.assert_allclose(read_frame(body).tensor, whole, rtol=0, atol=1e-5)
    crossing = Segment(tiny_network.segments.head(1, 2)).run(image)
    status, body = worker.answer(_request(tiny_network, 2, 5, crossing))
    assert (status, json.loads(body)["code"]) == (425, 425)
    while status == 425:
        status, body = worker.answer(_request(tiny_network, 2, 5, crossing))
    inner = Segment(tiny_network.segments.segment(1, 2, 5)).run(crossing)
    np.testing.assert_allclose(read_frame(body).tensor, inner, rtol=0, atol=1e-5)
    assert worker.answer(b"garbage")[0] == 400


def test_a_damaged_archive_is_not_served(archive: Path, tmp_path: Path) -> None:
    """One bit of the weights changed: the handler does not load."""
    damaged = tmp_path / "damaged.mar"
    with zipfile.ZipFile(archive) as good, zipfile.ZipFile(damaged, "w") as bad:
        for name in good.namelist():
            content = bytearray(good.read(name))
            if name == "weights-1.bin":
                content[-1] ^= 1
            bad.writestr(name, bytes(content))
    with pytest.raises(ModelError, match=r"weights-1.bin of tiny is damaged"):
        Worker(damaged, tmp_path)


def test_a_worker_writes_no_line_for_a_request(
    archive: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As the handler of a head."""
    caplog.set_level(logging.INFO)  # as TorchServe's worker sets it
    Worker(archive, tmp_path)
    assert not logging.getLogger().isEnabledFor(logging.INFO)
    assert logging.getLogger().isEnabledFor(logging.WARNING)
