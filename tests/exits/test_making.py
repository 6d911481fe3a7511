"""From one output and photos to a network with exits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
import pytest

from edgent.errors import DataError, ModelError
from edgent.exits.making import MadeExits, make_exits
from edgent.exits.record import read_record
from edgent.graph.reading import read_branchy_graph
from edgent.graph.segments import Segments
from edgent.inputs import to_tensor
from edgent.inputs.photo_list import Photo, photos_in
from edgent.network import Network
from edgent.spec import Pipeline, read_spec
from tests.photos import COLOURS, labelled, unlabelled

if TYPE_CHECKING:
    from pathlib import Path


def _made(spec: Pipeline, folder: Path, train: tuple[Photo, ...], held_out: tuple[Photo, ...]) -> MadeExits:
    network = Network.open(spec, folder / "cache")
    return make_exits(network, train, held_out, count=3)


def _answers(made: MadeExits, spec: Pipeline, photos: tuple[Photo, ...]) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(made.content)
    assert tuple(output.name for output in session.get_outputs()) == made.outputs
    images = np.concatenate([to_tensor(photo.file, spec) for photo in photos])
    answers: list[np.ndarray] = session.run(None, {"image": images})
    return answers


def test_new_classes(bare: Pipeline, tmp_path: Path) -> None:
    """Every exit learns them, and is as good on held-out photos as the record says."""
    train = photos_in(labelled(tmp_path / "train", 20))
    held_out = photos_in(labelled(tmp_path / "held_out", 8, seed=1))
    made = _made(bare, tmp_path, train, held_out)
    assert made.teacher.classes == tuple(COLOURS)
    assert not made.teacher.keeps_classifier
    truth = np.array([list(COLOURS).index(photo.label or "") for photo in held_out])
    for recorded, scores in zip(made.record.exits, _answers(made, bare, held_out), strict=True):
        assert recorded.held_out == pytest.approx((scores.argmax(1) == truth).mean(), abs=1e-4)
        assert scores.shape == (24, 3)
    assert made.record.exits[-1].held_out > 0.9
    assert (made.record.photos, made.record.held_out) == (60, 24)


def test_the_same_again(bare: Pipeline, tmp_path: Path) -> None:
    """The same photos and seed give the same bytes."""
    photos = photos_in(labelled(tmp_path / "train", 8))
    assert _made(bare, tmp_path, photos, photos).content == _made(bare, tmp_path, photos, photos).content


def test_without_labels(bare: Pipeline, tmp_path: Path) -> None:
    """Exits learn the network's own answers; its output stays, and agrees with itself."""
    photos = photos_in(unlabelled(tmp_path / "photos", 60))
    made = _made(bare, tmp_path, photos[:45], photos[45:])
    assert made.teacher.keeps_classifier
    assert made.outputs[-1] == "logits"
    assert made.record.taught_by == "answers of the network"
    assert made.record.exits[-1].held_out == 1.0
    scores = _answers(made, bare, photos[45:])
    agreement = (scores[0].argmax(1) == scores[-1].argmax(1)).mean()
    assert made.record.exits[0].held_out == pytest.approx(agreement, abs=1e-4)
    assert made.record.exits[0].held_out > 0.5


def test_photos_of_no_class_are_left_out(bare: Pipeline, tmp_path: Path) -> None:
    """A held-out photo with a label that no training photo has."""
    train = photos_in(labelled(tmp_path / "train", 8))
    held_out = photos_in(labelled(tmp_path / "held_out", 4, seed=1))
    odd = (replace(held_out[0], label="yellow"), *held_out[1:])
    made = _made(bare, tmp_path, train, odd)
    assert made.record.held_out == 11
    assert any("yellow" in reason for reason in made.left_out)
    with pytest.raises(DataError, match="no photo is labelled with one of the classes"):
        _made(bare, tmp_path, train, (odd[0],))


def test_the_record_is_read_back(bare: Pipeline, tmp_path: Path) -> None:
    """As it was written."""
    photos = photos_in(labelled(tmp_path / "train", 8))
    made = _made(bare, tmp_path, photos, photos)
    made.record.write(tmp_path / "exits.yaml")
    assert read_record(tmp_path / "exits.yaml", made.record.made_by.model_sha256) == made.record


def test_networks_that_exits_are_not_made_for(bare: Pipeline, tmp_path: Path, chain_network: Path) -> None:
    """Several outputs, or outputs that are no classes."""
    photos = photos_in(labelled(tmp_path / "train", 8))
    text = bare.file.read_text().replace("exits:", "output: tensor\nexits:")
    bare.file.write_text(text)
    with pytest.raises(ModelError, match="output: tensor"):
        _made(read_spec(bare.file), tmp_path, photos, photos)
    graph = read_branchy_graph(chain_network)
    two = Network(bare, graph, Segments(graph, tmp_path / "cache"))
    with pytest.raises(ModelError, match=r"2 exits \(exit1, exit2\)"):
        make_exits(two, photos, photos)
