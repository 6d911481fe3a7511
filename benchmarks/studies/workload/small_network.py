"""A small network for the device alone: the trunk on smaller pictures, its classifier fitted anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import onnx

from benchmarks.testbed.trial import write_changed
from edgent.exits.attach import NewExit, attach_exits, with_outputs
from edgent.exits.exit_place import exit_places
from edgent.exits.exit_training import accuracy, train_exits
from edgent.exits.features import FeatureReader
from edgent.exits.photo_features import PhotoReader
from edgent.exits.teacher import Teacher
from edgent.graph.cache import short_digest
from edgent.graph.onnx_file import graph_inputs, load
from edgent.inputs.photo_folder import photos_in
from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.exits.softmax_regression import LinearLayer
    from edgent.latency.timing import Progress
    from edgent.spec import Pipeline

SIDE = 128
"""Pixels of the pictures' sides: a third of the multiply-accumulates that 224 take."""
EXIT = "exit1"
_TRUNK = "trunk"
_THREADS = 2


def make_small_network(
    pipeline: Pipeline, folder: Path, progress: Progress | None = None, side: int = SIDE
) -> Path:
    """Fit the deepest exit's classifier on pictures of another size, or find one that was fitted before.

    Args:
        pipeline: its network takes pictures of any size once its input says so; its data are labelled photos.
        folder: of the study; the files lie in a folder of their own, named for the network and the size.
        progress: called with what is going on, how much is done, and of how much.
        side: of the pictures, in pixels.

    Returns:
        The spec, device-only: one exit, with the accuracy counted on the held-out photos.

    Raises:
        DataError: no photo can be read.
        ModelError: the network cannot be run on pictures of this size.
    """
    model, sha256 = load(pipeline.resolve(pipeline.model.file))
    folder = folder / f"small-{side}-{short_digest(sha256)}"
    spec = folder / "small.yaml"
    if spec.exists():  # it is written last
        return spec
    resized = _with_side(with_outputs(model, pipeline.exit_outputs[-1:]), side)
    trunk = read_spec(_write(pipeline, folder, _TRUNK, resized, {"name": pipeline.exit_outputs[-1]}))
    network = Network.open(trunk, folder / "segments")
    place = exit_places(network.graph.paths[0])[-1].tensor
    photos = PhotoReader(FeatureReader(resized, [place]), trunk, network.segments.folder, _THREADS)
    layer, share = _fit(photos, trunk, progress)
    small = attach_exits(resized, [NewExit(EXIT, place, layer)], kept=None)
    return _write(pipeline, folder, "small", small, {"name": EXIT, "accuracy": round(share, 4)})


def _with_side(model: onnx.ModelProto, side: int) -> onnx.ModelProto:
    """The network for pictures of another size; what shapes it says of the old one are left out."""
    for axis in graph_inputs(model)[0].type.tensor_type.shape.dim[-2:]:
        axis.dim_value = side
    del model.graph.value_info[:]
    return model


def _fit(reader: PhotoReader, spec: Pipeline, progress: Progress | None) -> tuple[LinearLayer, float]:
    """A classifier of what the trunk's own reads, and its accuracy on held-out photos."""
    train, held_out = (
        reader.read(photos_in(spec.resolve(named or "")).photos, f"small network: {what}", progress)
        for what, named in (("training photos", spec.data.train), ("held-out photos", spec.data.held_out))
    )
    teacher = Teacher(spec.input.labels, uses_labels=True, keeps_classifier=False)
    targets = teacher.targets(train.photos, train.features.answers)
    (layer,) = train_exits(train.features, targets, [1.0], 1, keeps_classifier=False).layers
    truth = teacher.targets(held_out.photos, held_out.features.answers)
    return layer, accuracy(layer.scores(held_out.features.places[0]), truth)


def _write(
    pipeline: Pipeline, folder: Path, name: str, model: onnx.ModelProto, exit_: dict[str, Any]
) -> Path:
    """Write a network of one exit and its spec."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / f"{name}.onnx")
    size = [axis.dim_value for axis in graph_inputs(model)[0].type.tensor_type.shape.dim[1:]]
    return write_changed(
        pipeline,
        folder / f"{name}.yaml",
        name=f"{pipeline.name}-{name}",
        model={"file": f"{name}.onnx", "input": pipeline.model.input},
        input=pipeline.input.model_dump(mode="json", exclude_unset=True) | {"shape": size},
        exits=[exit_],
        codecs={"input": ["raw"], "activation": ["float32"]},
        placement={"device_only": True},
        bandwidth={},
        regressors=None,
    )


def accuracy_of(small: Path) -> float:
    """The accuracy of a small network on all held-out photos, by its spec."""
    accuracy = read_spec(small).exits[-1].accuracy
    assert accuracy is not None, "it was counted when the network was made"
    return accuracy
