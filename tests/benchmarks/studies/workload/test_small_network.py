"""A network for smaller pictures: the same trunk, a classifier of its own, and as good as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from benchmarks.studies.workload.small_network import make_small_network
from edgent.core.segment import Segment
from edgent.inputs import to_tensor
from edgent.inputs.photo_folder import photos_in
from edgent.network import Network
from edgent.spec import Pipeline, read_spec
from tests.networks import one_output
from tests.photos import COLOURS, labelled

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 8


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """A network with one output of three classes, and photos of them."""
    one_output(tmp_path / "network.onnx", classes=len(COLOURS))
    labelled(tmp_path / "train", 10)
    labelled(tmp_path / "held_out", 6, seed=1)
    (tmp_path / "colours.yaml").write_text(
        "version: 1\nname: colours\nmodel: {file: network.onnx}\n"
        f"input: {{shape: [3, 16, 16], dtype: float32, labels: [{', '.join(COLOURS)}],\n"
        "  preprocessing: {resize: cover, mean: 127.5, scale: 127.5}}\n"
        f"data: {{train: {tmp_path}/train, held_out: {tmp_path}/held_out}}\n"
        "exits:\n  - {name: logits}\n"
    )
    return read_spec(tmp_path / "colours.yaml")


def test_it_is_as_good_as_it_says(pipeline: Pipeline, tmp_path: Path) -> None:
    """On photos of its own size; it runs on the device alone, with a quarter of the work."""
    spec = read_spec(make_small_network(pipeline, tmp_path / "study", side=SIDE))
    small, large = (Network.open(one, tmp_path / "cache") for one in (spec, pipeline))
    assert spec.input.shape == (3, SIDE, SIDE)
    assert spec.placement.device_only
    assert small.graph.paths[0].macs < 0.3 * large.graph.paths[0].macs
    segment = Segment(spec.resolve(spec.model.file))
    photos = photos_in(tmp_path / "held_out").photos
    answers = [segment.run(to_tensor(photo.file, spec)).argmax() for photo in photos]
    right = np.mean([spec.input.labels[k] == photo.label for k, photo in zip(answers, photos, strict=True)])
    assert spec.exits[0].accuracy == pytest.approx(right, abs=1e-4)
    assert right > 0.8


def test_its_trunk_is_the_networks(pipeline: Pipeline, tmp_path: Path) -> None:
    """Every weight of its convolutions, bit for bit."""
    spec = read_spec(make_small_network(pipeline, tmp_path / "study", side=SIDE))
    small, large = (onnx.load(one.resolve(one.model.file)).graph for one in (spec, pipeline))
    weights = {weight.name: numpy_helper.to_array(weight) for weight in large.initializer}
    read = [name for node in small.node if node.op_type == "Conv" for name in node.input[1:]]
    kept = {weight.name: numpy_helper.to_array(weight) for weight in small.initializer}
    assert len(read) == 6
    assert all(np.array_equal(kept[name], weights[name]) for name in read)


def test_it_is_made_once(pipeline: Pipeline, tmp_path: Path) -> None:
    """Another network or another size makes another one."""
    folder, told = tmp_path / "study", []
    first = make_small_network(pipeline, folder, side=SIDE)
    again = make_small_network(pipeline, folder, lambda *said: told.append(said), side=SIDE)
    assert (again, told) == (first, [])
    assert make_small_network(pipeline, folder, side=SIDE + 4) != first
    model = onnx.load(tmp_path / "network.onnx")
    model.doc_string = "another one"
    onnx.save(model, tmp_path / "network.onnx")
    assert make_small_network(pipeline, folder, side=SIDE) != first
