"""What a training reads."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.compression.codec_data import CodecData
from edgent.compression.codec_place import CodecPlace
from edgent.compression.network_reader import NetworkReader
from edgent.compression.training_tensors import TrainingTensors
from edgent.compression.views import VIEWS
from edgent.core.segment import Segment
from edgent.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.network import Network


@pytest.fixture(params=[None, "p0", "p1"])
def place(tiny_network: Network, request: pytest.FixtureRequest) -> CodecPlace:
    """At p4, without and with a jump."""
    return CodecPlace.parse(tiny_network.graph, "exit2:p4", request.param)


def test_they_are_the_networks(tiny_network: Network, place: CodecPlace) -> None:
    """Inputs, activations and answers of every sample; a mirrored view has those of the mirrored picture."""
    data = CodecData.of(tiny_network.spec)
    tensors = TrainingTensors(tiny_network, place, NetworkReader(tiny_network, place), data.train)
    assert (len(tensors), tensors.offered, tensors.views) == (30, 30, VIEWS)
    images = next(iter(data.train.batches(30))).images
    for view, pictures in ((0, images), (1, images[..., ::-1].copy())):
        batch = tensors.batch(np.array([2, 17]), view)
        seen = pictures[[2, 17]]
        before = seen if place.start == 0 else Segment(tiny_network.segments.head(1, place.start)).run(seen)
        np.testing.assert_allclose(batch.reads, before, rtol=1e-3, atol=1e-3)
        gives = Segment(tiny_network.segments.head(1, place.stop)).run(seen)
        np.testing.assert_allclose(batch.gives, gives, rtol=1e-3, atol=1e-3)
        answers = Segment(tiny_network.segments.head(1, 8)).run(seen)
        np.testing.assert_allclose(batch.answers, answers, rtol=1e-4, atol=1e-5)
        assert batch.labels.tolist() == [0, 1]


def test_the_cache_is_used_again(tiny_network: Network, place: CodecPlace) -> None:
    """A second training computes no view that the first one had."""
    data, phases = CodecData.of(tiny_network.spec), []

    def report(phase: str, _done: float, _total: float) -> None:
        phases.append(phase)

    for _ in range(2):
        reader = NetworkReader(tiny_network, place)
        tensors = TrainingTensors(tiny_network, place, reader, data.train, progress=report)
        tensors.batch(np.array([0]), 3)
    assert [phase for phase in phases if "view" in phase] in ([f"activations, view 4 of {VIEWS}"], [])
    assert phases.count("reading inputs") == 2


def test_the_disks_budget_is_kept(tiny_network: Network, place: CodecPlace) -> None:
    """First there are fewer views, then fewer samples."""
    data, reader = CodecData.of(tiny_network.spec), NetworkReader(tiny_network, place)
    for largest_bytes, samples in ((30 * 1000, 30), (4 * 1000, None)):
        tensors = TrainingTensors(tiny_network, place, reader, data.train, largest_bytes=largest_bytes)
        assert tensors.views < VIEWS
        if samples is None:
            assert len(tensors) < 30 == tensors.offered
        else:
            assert len(tensors) == samples


def test_a_full_disk(tiny_network: Network, place: CodecPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room is asked for before anything is written: a mapped file would end the process by a signal."""

    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    reader = NetworkReader(tiny_network, place)
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(DataError, match="No space left on device; set XDG_CACHE_HOME"):
        TrainingTensors(tiny_network, place, reader, CodecData.of(tiny_network.spec).train)


def test_a_cache_that_cannot_be_written(tiny_network: Network, tmp_path: Path) -> None:
    """It is said where, and what to do."""
    place = CodecPlace.parse(tiny_network.graph, "exit2:p4")
    data, reader = CodecData.of(tiny_network.spec), NetworkReader(tiny_network, place)
    cache = tiny_network.segments.folder
    tiny_network.segments.folder = tmp_path / "file"
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    try:
        with pytest.raises(DataError, match=r"cannot write .*file.*; set XDG_CACHE_HOME"):
            TrainingTensors(tiny_network, place, reader, data.train)
    finally:
        tiny_network.segments.folder = cache
