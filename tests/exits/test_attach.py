"""Attached exits: what they answer, and that the trunk stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
import pytest

from edgent.exits.attach import NewExit, attach_exits, free_name
from edgent.exits.exit_place import exit_places
from edgent.exits.features import FeatureReader
from edgent.exits.pooling import pooled_size
from edgent.exits.softmax_regression import LinearLayer
from edgent.graph.onnx_file import load
from edgent.graph.reading import read_branchy_graph
from tests.networks import before_version_4, one_output

if TYPE_CHECKING:
    from pathlib import Path

    import onnx

RANDOM = np.random.default_rng(3)
IMAGES = RANDOM.normal(size=(5, 3, 16, 16)).astype(np.float32)


def _weights(model: onnx.ModelProto) -> dict[str, bytes]:
    return {weight.name: weight.SerializeToString() for weight in model.graph.initializer}


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("keeps", [False, True])
def test_exits_answer_what_was_trained(tmp_path: Path, *, keeps: bool, old: bool) -> None:
    """An exit gives its layer's scores of the pooled activation; the kept output answers as before."""
    path = one_output(tmp_path / "n.onnx")
    if old:
        path = before_version_4(path, tmp_path / "old.onnx")
    network, _ = load(path)
    places = exit_places(read_branchy_graph(path).paths[0])
    chosen = (places[0], places[-1])
    layers = [
        LinearLayer(
            RANDOM.normal(size=(pooled_size(place.tensor), 4)).astype(np.float32), np.zeros(4, np.float32)
        )
        for place in chosen
    ]
    new = [
        NewExit(f"exit{k}", place.tensor, layer)
        for k, (place, layer) in enumerate(zip(chosen, layers, strict=True), start=1)
    ]
    model = attach_exits(network, new, "logits" if keeps else None)
    (tmp_path / "with.onnx").write_bytes(model.SerializeToString())
    graph = read_branchy_graph(tmp_path / "with.onnx")
    assert graph.exit_names == ("exit1", "exit2", *(("logits",) if keeps else ()))
    answers = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"image": IMAGES})
    reader = FeatureReader(network, [place.tensor for place in chosen])
    read = [reader.read(image[np.newaxis]) for image in IMAGES]
    for k, layer in enumerate(layers):
        features = np.concatenate([one.places[k] for one in read])
        np.testing.assert_allclose(answers[k], layer.scores(features), atol=1e-4)
    if keeps:
        np.testing.assert_allclose(answers[2], np.concatenate([one.answers for one in read]), atol=1e-5)


def test_the_trunk_keeps_its_weights_bit_for_bit(tmp_path: Path) -> None:
    """Only the classifier's are left out, where a new one takes its place."""
    path = one_output(tmp_path / "n.onnx")
    network, _ = load(path)
    place = exit_places(read_branchy_graph(path).paths[0])[-1]
    layer = LinearLayer(np.zeros((24, 4), np.float32), np.zeros(4, np.float32))
    before = _weights(network)
    after = _weights(attach_exits(network, [NewExit("exit1", place.tensor, layer)], None))
    own = {name: content for name, content in after.items() if not name.startswith("/exits/")}
    assert own.items() < before.items()
    assert len(before) - len(own) == 2
    assert _weights(network) == before


def test_a_name_that_the_network_has_already(tmp_path: Path) -> None:
    """Underscores make it another one."""
    network, _ = load(one_output(tmp_path / "n.onnx"))
    assert free_name(network, "exit1") == "exit1"
    assert free_name(network, "logits") == "logits_"
    assert free_name(network, "weight_0") == "weight_0_"
