"""The shipped flowers through a real TorchServe: each photo gets the label that `edgent evaluate` counted.

For every picture codec and every feature codec that the pipeline offers; EDGENT_SERVED_PHOTOS says on how
many of the held-out photos, of which there are 700.
"""

from __future__ import annotations

import itertools
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from device_runtime import DeviceRuntime
from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import Address
from edgent.accuracy.codec_comparison import through_codec
from edgent.accuracy.feature_comparison import FeatureComparison
from edgent.accuracy.scored_network import ScoredNetwork
from edgent.core.codecs.codec import INPUT
from edgent.core.segment import Segment
from edgent.core.served_version import served_version
from edgent.core.wire import window_identity
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe
from edgent.errors import EdgeBusyError
from edgent.graph.feature_codec import CODE_CODEC
from edgent.inputs.labelled import held_out_data
from edgent.network import Network
from edgent.planning.plan import FILE, Plan
from edgent.spec import read_spec
from tests.flower_photos import FEATURES, SPEC, held_out, needs_photos
from tests.torchserve_fixtures import Edge, ended_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from edgent.core.photo import Photo
    from edgent.datasets.dataset import Split

pytestmark = [pytest.mark.torchserve, pytest.mark.timeout(1200), needs_photos]

RUNGS = [codec for codec in read_spec(SPEC).codecs.input if codec != FILE]
PHOTOS = int(os.environ.get("EDGENT_SERVED_PHOTOS", "60"))
BATCH = 35
PATIENT_S = 60.0  # answers are compared, not times


class Served(NamedTuple):
    """The shipped network behind a TorchServe, photos, and a device."""

    network: Network
    scored: ScoredNetwork
    photos: Split
    edge: Edge
    device: DeviceRuntime


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The pipeline's own archive answers for all of it; of the heads one is built, and has no worker."""
    folder = tmp_path_factory.mktemp("served")
    network = Network.open(read_spec(SPEC), folder / "cache")
    heads = plan_archives([network])[-1:]
    models = [replace(model, workers=0) for model in build_store(folder / "store", heads)]
    with TorchServe(folder / "store", models) as server, ended_at_once(server):
        edge = Edge(server, {"flowers": network})
        with edge.workers(["flowers"]), _device(edge, folder) as device:
            photos = held_out(network.spec, PHOTOS)
            yield Served(network, ScoredNetwork(network, "accuracy"), photos, edge, device)


def _device(edge: Edge, folder: Path) -> DeviceRuntime:
    return DeviceRuntime.open(
        SPEC,
        plan="exit6:p45:raw:float32",
        inference_url=edge.server.addresses.inference,
        token_file=edge.server.token_file,
        cache=folder / "cache",
    )


def _classes(served: Served, plan: str, photos: Sequence[np.ndarray | Photo]) -> np.ndarray:
    """The class that each photo gets under a plan, all of it done as planned."""
    patience_s = time.monotonic() + PATIENT_S
    while served.device.infer(photos[0], PATIENT_S, plan).edge_error is not None:
        assert time.monotonic() < patience_s
        time.sleep(0.05)  # the window is being loaded
    answers = [served.device.infer(photo, PATIENT_S, plan) for photo in photos]
    assert {(answer.edge_error, answer.plan) for answer in answers} == {(None, Plan.parse(plan))}
    return np.array([answer.class_index for answer in answers])


def _check(served: Served, evaluated: dict[str, np.ndarray], plans: dict[str, str]) -> None:
    """Every exit's plan gives every photo the class that was evaluated."""
    for exit_name, plan in plans.items():
        found, expected = (
            _classes(served, plan, list(served.photos.images)),
            evaluated[exit_name].argmax(axis=1),
        )
        print(f"{plan}: {(found == served.photos.labels).sum()} of {len(found)} right")  # noqa: T201
        np.testing.assert_array_equal(found, expected, err_msg=plan)


def _batches(images: np.ndarray) -> Iterator[np.ndarray]:
    return (images[start : start + BATCH] for start in range(0, len(images), BATCH))


def _joined(parts: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


@pytest.mark.parametrize("codec", RUNGS)
def test_answers_behind_a_picture_codec(codec: str, served: Served) -> None:
    """At the deepest exit, all of which the edge runs."""
    answers = _joined(
        [
            served.scored.answers(through_codec(images, codec, INPUT)[0])
            for images in _batches(served.photos.images)
        ]
    )
    _check(served, answers, {"exit6": f"exit6:p45:{codec}:float32"})


def test_answers_of_photos_own_files(served: Served) -> None:
    """The edge makes the pixels of them that the device would have made."""
    photos = list(itertools.islice(held_out_data(served.network.spec, use_labels=False).photos(), BATCH))
    answers = served.scored.answers(np.concatenate([photo.tensor for photo in photos]))
    found = _classes(served, f"exit6:p45:{FILE}:float32", [replace(photo) for photo in photos])
    np.testing.assert_array_equal(found, answers["exit6"].argmax(axis=1))


@pytest.mark.parametrize("name", FEATURES)
def test_answers_behind_a_feature_codec(name: str, served: Served) -> None:
    """At the deepest exit and the first one behind it."""
    codec, features = served.network.feature_codecs[name], FeatureComparison(served.scored)
    answers = _joined(
        [features._answers_behind(codec, images, {}) for images in _batches(served.photos.images)]
    )
    plans = {}
    for exit_name in {min(answers), max(answers)}:
        path = served.network.graph.path_of(exit_name)
        points = codec.points(path)
        assert points is not None
        plans[exit_name] = f"{exit_name}:p{points[1]}-p{len(path.layers)}:{name}:float32"
    _check(served, answers, plans)


@pytest.mark.parametrize("name", FEATURES)
def test_the_edge_decodes_the_same_bits(name: str, served: Served) -> None:
    """What TorchServe's worker makes of a code is what the decoder gives here."""
    codec, sha256 = served.network.feature_codecs[name], served.network.graph.sha256
    deepest = served.network.graph.paths[-1]
    points = codec.points(deepest)
    assert points is not None
    images = served.photos.images[:20]
    head = served.network.segments.head(deepest.index, points[0]) if points[0] else None
    codes = Segment(codec.encoder).run(images if head is None else Segment(head).run(images))
    identity = window_identity(sha256, codec.code.name, codec.gives.name)
    address = Address("flowers", served_version(sha256), identity, codec.code)
    client, decoder = served.edge.client(), Segment(codec.decoder)
    for k in range(len(codes)):
        frame = client.write_request(address, codes[k : k + 1], CODE_CODEC, "float32", PATIENT_S)
        patience = Deadline.after(PATIENT_S)
        while True:
            try:
                reply = client.exchange(address, frame, patience)
                break
            except EdgeBusyError:  # it is being loaded
                assert patience.left_s() > 0
                time.sleep(0.05)
        np.testing.assert_array_equal(client.read_reply(address, reply).tensor, decoder.run(codes[k : k + 1]))
    client.close()
