"""Photos' own files in profiles, accuracies and costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from edgent.accuracy.evaluation import evaluate_codecs
from edgent.cli.profile import sample_photos
from edgent.core.photo import decoding_work
from edgent.core.preprocessing import Preprocessing
from edgent.core.wire import frame_bytes
from edgent.inputs.labelled import Labelled, read_labelled
from edgent.inputs.picture import preprocessing_of
from edgent.latency.costs import network_costs
from edgent.latency.fitting import with_regressors
from edgent.latency.prediction import predict_profile
from edgent.latency.profiling import knows_codecs
from edgent.latency.unusable_codecs import unusable_files
from edgent.planning.costs import MeanPhoto
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table
from edgent.spec import Pipeline
from tests.photo_files import photo_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edgent.core.photo import Photo
    from edgent.latency.profile import NodeProfile
    from edgent.network import Network

ACCURACIES = {name: {("raw", "float32"): 0.5} for name in ("exit1", "exit2")}
RANDOM = np.random.default_rng(4)


@pytest.fixture(scope="module")
def offering(network: Network) -> Network:
    """The chain, whose spec offers photos' files, and resizes photos."""
    said = network.spec.model_dump(exclude_unset=True)
    said["codecs"]["input"] = ("raw", "file")
    said["input"]["preprocessing"] = {"resize": "stretch"}
    return replace(network, spec=Pipeline.model_validate(said))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three photos of which the files may go up, one that stays, and an array."""
    made: Path = tmp_path_factory.mktemp("photos")
    for number, kind in enumerate(("JPEG", "PNG", "JPEG", "WEBP")):
        image = Image.fromarray(RANDOM.integers(0, 256, (20 + number, 30, 3), np.uint8))
        (made / f"{number}.{kind.lower()}").write_bytes(photo_bytes(image, kind))
    np.save(made / "array.npy", np.zeros((3, 8, 8), np.uint8))
    return made


@pytest.fixture(scope="module")
def photos(offering: Network, folder: Path) -> list[Photo]:
    """Those that may go up."""
    return sample_photos(offering, folder)


@pytest.fixture(scope="module")
def profiles(
    offering: Network,
    photos: list[Photo],
    samples: np.ndarray,
    device: NodeProfile,
    edge: NodeProfile,
    profile_in_haste: Callable[..., NodeProfile],
) -> tuple[NodeProfile, NodeProfile]:
    """Of device and edge: to those of before, this codec is added."""
    of_device, of_edge = (
        profile_in_haste(offering, known.node, samples, photos=photos, started=known)
        for known in (device, edge)
    )
    return with_regressors(of_device, offering.graph), with_regressors(of_edge, offering.graph)


def test_only_files_that_may_go_up_are_samples(network: Network, photos: list[Photo], folder: Path) -> None:
    """And none where the codec is not offered."""
    assert [photo.content[:3] for photo in photos] == [b"\xff\xd8\xff", b"\x89PN", b"\xff\xd8\xff"]
    assert sample_photos(network, folder) == []


def test_a_profile_has_the_files_bytes_and_what_decoding_takes(
    offering: Network, photos: list[Photo], profiles: tuple[NodeProfile, NodeProfile]
) -> None:
    """On both nodes; the samples are not kept decoded for that."""
    sizes = [frame_bytes(4, photo.payload_bytes) for photo in photos]
    for profile in profiles:
        (row,) = (row for row in profile.codecs if row.codec == "file")
        assert (row.exit, row.partition_point) == ("exit2", 0)
        assert row.size_bytes == pytest.approx(np.mean(sizes), abs=0.1)
        assert row.timing.time_s > 5e-6
        assert profile.photo_pixels == pytest.approx(np.mean([photo.pixels for photo in photos]), abs=0.1)
        assert knows_codecs(profile, offering)
    assert not any(photo.is_decoded for photo in photos)


def test_costs_have_the_device_decode_for_all_but_the_file(
    offering: Network, profiles: tuple[NodeProfile, NodeProfile]
) -> None:
    """Its row is no time to write the file, but to make an input of it."""
    costs, device_profile = network_costs(offering, *profiles, ACCURACIES), profiles[0]
    device, edge = (profile.codec_by_place["exit2", 0, "file"] for profile in profiles)
    work = decoding_work(device_profile.photo_pixels, device.size_bytes)
    assert costs.photo == MeanPhoto(device.timing.time_s, work)
    file = costs.input_codecs["file"]
    assert (file.encode_s, file.decode_s) == (0.0, edge.timing.time_s)
    assert file.lossless
    table = build_cost_table(costs)
    assert table.accuracy[table.index_of(Plan("exit2", 8, "file"))] == 0.5
    assert list(unusable_files(offering, table)) == []


def test_without_the_row_no_plan_sends_files(
    offering: Network, network: Network, device: NodeProfile, edge: NodeProfile
) -> None:
    """Profiles of before, or on arrays; it is said, and another run adds it."""
    assert not knows_codecs(device, offering)
    assert knows_codecs(device, network)
    table = build_cost_table(network_costs(offering, device, edge, ACCURACIES))
    assert not table.sends_file.any()
    (said,) = unusable_files(offering, table)
    assert said.startswith("no plan uses codec file for inputs: a profile was made without it")
    assert list(unusable_files(network, table)) == []


def test_a_profile_without_photos_leaves_it_out(
    offering: Network,
    samples: np.ndarray,
    device: NodeProfile,
    profile_in_haste: Callable[..., NodeProfile],
) -> None:
    """Arrays are no files."""
    profile = profile_in_haste(offering, "device", samples, started=device)
    assert {row.codec for row in profile.codecs if row.partition_point == 0} == {"raw"}


def test_other_networks_are_predicted_with_it(
    offering: Network,
    photos: list[Photo],
    samples: np.ndarray,
    profiles: tuple[NodeProfile, NodeProfile],
) -> None:
    """Where there are photos for them."""
    predicted = predict_profile(profiles[0], offering, samples, photos=photos)
    row = predicted.codec_by_place["exit2", 0, "file"]
    assert row.size_bytes == profiles[0].codec_by_place["exit2", 0, "file"].size_bytes
    assert ("exit2", 0, "file") not in predict_profile(profiles[0], offering, samples).codec_by_place


def test_evaluation_notes_the_bytes_of_all_files(
    offering: Network, folder: Path, photos: list[Photo]
) -> None:
    """Its accuracy is that without loss: it has no row among the changes."""
    measured = evaluate_codecs(offering, read_labelled(folder, offering.spec), "agreement", budget_s=0.1)
    (size,) = (row for row in measured.sizes if row.codec == "file")
    assert size.size_bytes == pytest.approx(
        np.mean([frame_bytes(4, one.payload_bytes) for one in photos]), abs=0.1
    )
    assert not any(row.input_codec == "file" for row in measured.changes)
    arrays = evaluate_codecs(offering, Labelled.of(np.zeros((4, 3, 8, 8), np.uint8)), budget_s=0.1)
    assert not any(row.codec == "file" for row in arrays.sizes)


def test_a_spec_says_all_of_its_preprocessing(offering: Network) -> None:
    """Numbers stand for each channel, and the network's size for none."""
    preprocessing = preprocessing_of(offering.spec)
    assert isinstance(preprocessing, Preprocessing)
    assert preprocessing.steps is not None
    assert (preprocessing.shape, preprocessing.steps.box) == ((3, 8, 8), (8, 8))
    assert (preprocessing.steps.resize, preprocessing.steps.mean) == ("stretch", (0.0,) * 3)
