"""How a network wants its pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.errors import InputError, SpecError
from edgent.inputs.photo_list import photos_in
from edgent.new_pipeline.given_network import GivenNetwork
from edgent.new_pipeline.normalisation import IMAGENET, NORMALISATIONS
from edgent.new_pipeline.photo_sets import PhotoSets
from edgent.new_pipeline.pixel_choice import choose_pixels
from tests.networks import one_output
from tests.photos import labelled

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def photos(tmp_path: Path) -> PhotoSets:
    """Some photos."""
    found = photos_in(labelled(tmp_path / "photos", 8))
    return PhotoSets(found, found)


def test_the_user_knows_best(tmp_path: Path, photos: PhotoSets) -> None:
    """A way that is named is taken without a trial; none leaves the network as it is."""
    network = GivenNetwork.read(one_output(tmp_path / "n.onnx"))
    assert choose_pixels("caffe", network, photos).normalisation == NORMALISATIONS["caffe"]
    assert choose_pixels("none", network, photos).normalisation is None
    with pytest.raises(SpecError, match="did you mean 'imagenet'"):
        choose_pixels("imagnet", network, photos)


def test_without_photos_the_usual_way_is_assumed(tmp_path: Path) -> None:
    """And it is marked as assumed."""
    choice = choose_pixels("auto", GivenNetwork.read(one_output(tmp_path / "n.onnx")), None)
    assert (choice.normalisation, choice.is_assumed) == (IMAGENET, True)


@pytest.mark.parametrize("shape", [(3, 16, 16), (16, 16, 3)])
def test_it_is_the_way_that_the_network_is_surest_with(
    tmp_path: Path, photos: PhotoSets, shape: tuple[int, ...]
) -> None:
    """All ways are tried; the largest certainty decides."""
    choice = choose_pixels("auto", GivenNetwork.read(one_output(tmp_path / "n.onnx", shape)), photos)
    assert choice.normalisation is not None
    assert not choice.is_assumed
    assert set(choice.certainties) == set(NORMALISATIONS)
    assert choice.certainties[choice.normalisation.name] == max(choice.certainties.values())


def test_photos_that_cannot_be_read(tmp_path: Path, photos: PhotoSets) -> None:
    """Some are passed by; with none left there is nothing to try."""
    network = GivenNetwork.read(one_output(tmp_path / "n.onnx"))
    for photo in photos.train[:20]:
        photo.file.write_bytes(b"no photo")
    assert choose_pixels("auto", network, photos).certainties
    for photo in photos.train:
        photo.file.write_bytes(b"no photo")
    with pytest.raises(InputError, match="none of 24 photos can be read: "):
        choose_pixels("auto", network, photos)
