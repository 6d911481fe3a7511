"""Accuracy under codecs, on the shipped LeNet and its held-out digits."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from onnx import TensorProto

from edgent.accuracy import evaluation, open_segments, scored_network
from edgent.accuracy.codec_accuracy import (
    AccuracyChange,
    CodecAccuracies,
    ExitAccuracy,
    read_accuracies,
)
from edgent.accuracy.codec_comparison import through_codec
from edgent.accuracy.evaluation import evaluate_codecs
from edgent.accuracy.scored_network import ScoredNetwork
from edgent.core.codecs import CODECS
from edgent.core.codecs.codec import INPUT
from edgent.core.codecs.raw import RawCodec
from edgent.core.segment import Segment
from edgent.errors import DataError, FrameError, InputError, StaleFileError
from edgent.generated_file import Provenance
from edgent.inputs.labelled import Labelled
from edgent.network import Network
from edgent.shipped import shipped_folder
from edgent.spec import read_spec
from tests.networks import NetworkBuilder, for_batch_one
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.core.codecs.codec_registry import CodecRegistry
    from edgent.datasets.dataset import Split


@pytest.fixture(scope="module")
def lenet(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The shipped LeNet, with jpeg offered as well."""
    spec = read_spec(shipped_folder("pipelines") / "lenet.yaml")
    codecs = spec.codecs.model_copy(update={"input": ("raw", "webp", "jpeg")})
    return Network.open(spec.model_copy(update={"codecs": codecs}), tmp_path_factory.mktemp("lenet"))


@pytest.fixture(scope="module")
def accuracies(lenet: Network, digits: Split) -> CodecAccuracies:
    """Of all exits on all digits."""
    return evaluate_codecs(lenet, Labelled.of(digits.images, digits.labels), budget_s=60.0)


def test_plain_accuracy_is_that_of_the_network(
    lenet: Network, digits: Split, accuracies: CodecAccuracies
) -> None:
    """Counted here from the whole path of each exit."""
    for path, measured in zip(lenet.graph.paths, accuracies.exits, strict=True):
        logits = Segment(lenet.segments.tail(path.index, 0)).run(digits.images)
        expected = float(np.mean(logits.argmax(axis=1) == digits.labels))
        assert measured.exit == path.exit_name
        assert measured.accuracy == pytest.approx(expected, abs=1e-6)
    assert accuracies.images == accuracies.compared == len(digits.labels)


def test_every_lossy_codec_is_measured_at_every_cut(lenet: Network, accuracies: CodecAccuracies) -> None:
    """Exit 1 has 6 cuts inside, exit 2 has 11; jpeg alone counts once; lossless codecs are not listed."""
    compared = {
        (row.exit, row.partition_point, row.input_codec, row.activation_codec) for row in accuracies.changes
    }
    expected = {(exit_name, 0, "jpeg", "float32") for exit_name in lenet.graph.exit_names}
    for path in lenet.graph.paths:
        for point in range(1, len(path.layers)):
            expected.add((path.exit_name, point, "raw", "uint8"))
    assert compared == expected


def test_one_change_by_hand(lenet: Network, digits: Split, accuracies: CodecAccuracies) -> None:
    """Head, uint8 image by image, tail, for exit 2 behind its first conv."""
    head, tail = (Segment(file) for file in (lenet.segments.head(1, 1), lenet.segments.tail(1, 1)))
    crossing = head.run(digits.images)
    plain = tail.run(crossing).argmax(axis=1) == digits.labels
    lossy = tail.run(through_codec(crossing, "uint8")[0]).argmax(axis=1) == digits.labels
    (measured,) = [
        row
        for row in accuracies.changes
        if (row.exit, row.partition_point, row.input_codec) == ("exit2", 1, "raw")
    ]
    assert measured.change == pytest.approx(lossy.mean() - plain.mean(), abs=1e-6)
    spread = np.std(lossy.astype(float) - plain.astype(float)) / np.sqrt(len(plain))
    assert measured.standard_error == pytest.approx(spread, abs=1e-6)


def test_uint8_costs_little_on_digits(accuracies: CodecAccuracies) -> None:
    """Per-tensor uint8 turns no more than a few answers in hundreds."""
    assert all(abs(row.change) <= 0.02 for row in accuracies.changes if row.input_codec == "raw")


def test_scale_is_each_images_own() -> None:
    """A bright image in a batch does not coarsen the others: each is encoded by itself."""
    tensors = np.stack([np.linspace(0, 1, 256), np.linspace(0, 1000, 256)]).astype(np.float32)
    received, _ = through_codec(tensors, "uint8")
    assert np.abs(received[0] - tensors[0]).max() <= 0.5 / 255 + 1e-6


def test_every_cut_has_its_accuracy_and_luck_does_not_count() -> None:
    """Neither one codec nor a second one on top of it makes an exit more accurate."""
    made_by = Provenance("0" * 64, "edgent evaluate SPEC", "", {}, {})
    exits = (ExitAccuracy("exit1", 0.8), ExitAccuracy("exit2", 0.01))
    changes = (
        AccuracyChange("exit1", 0, "jpeg", "float32", -0.02, 0.001),
        AccuracyChange("exit1", 1, "raw", "uint8", -0.01, 0.001),
        AccuracyChange("exit1", 1, "jpeg", "uint8", -0.015, 0.001),
        AccuracyChange("exit1", 2, "raw", "uint8", -0.03, 0.001),
        AccuracyChange("exit1", 2, "jpeg", "uint8", -0.025, 0.001),
        AccuracyChange("exit1", 4, "raw", "uint8", 0.02, 0.001),
        AccuracyChange("exit1", 4, "jpeg", "uint8", -0.05, 0.001),
        AccuracyChange("exit2", 0, "jpeg", "float32", -0.02, 0.001),
    )
    accuracies = CodecAccuracies(made_by, 100, 100, exits, changes)
    of_first = accuracies.by_exit["exit1"]
    assert of_first["raw", "float32"] == 0.8
    assert of_first["jpeg", "float32"] == pytest.approx(0.78)
    assert of_first["raw", "uint8"] == pytest.approx([math.nan, 0.79, 0.77, math.nan, 0.8], nan_ok=True)
    assert of_first["jpeg", "uint8"] == pytest.approx([math.nan, 0.78, 0.77, math.nan, 0.75], nan_ok=True)
    assert accuracies.by_exit["exit2"] == {("raw", "float32"): 0.01, ("jpeg", "float32"): 0.0}


def test_time_box(lenet: Network, digits: Split) -> None:
    """When the budget is gone after the first batch, that batch is what was compared."""
    ticks = iter(range(1_000_000))
    told = []
    measured = evaluate_codecs(
        lenet,
        Labelled.of(digits.images, digits.labels),
        budget_s=0.5,
        clock=lambda: float(next(ticks)),
        progress=lambda what, done, of: told.append((what, done / of)),
    )
    assert measured.compared == 100
    assert measured.images == len(digits.labels)
    assert ("accuracy of the exits", 1.0) in told
    assert told[-1] == ("lossy codecs", 1.0)


def test_progress_of_a_slow_network_follows_its_inputs(lenet: Network, digits: Split) -> None:
    """The time is up with the first codec, and yet a hundred inputs have to be compared under all of them."""
    ticks, told = iter(range(1_000_000)), []
    evaluate_codecs(
        lenet,
        Labelled.of(digits.images[:100], digits.labels[:100]),
        budget_s=0.5,
        clock=lambda: float(next(ticks)),
        progress=lambda what, done, of: told.append(done / of) if what == "lossy codecs" else None,
    )
    cuts = {path.cut_tensor(p) for path in lenet.graph.paths for p in range(1, len(path.layers))}
    steps = [number / (1 + len(cuts)) for number in range(1, 2 + len(cuts))]
    assert told == pytest.approx([*steps, 1.0])


def test_codec_that_lies_is_found(lenet: Network, digits: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    """A codec that calls itself lossless is checked on real inputs."""
    monkeypatch.setattr(type(CODECS["jpeg"]), "lossless", True)
    with pytest.raises(FrameError, match="jpeg calls itself lossless, but changes an input"):
        evaluate_codecs(lenet, Labelled.of(digits.images[:100], digits.labels[:100]))


def test_a_codec_of_a_notebook_cell(digits: Split, codecs: CodecRegistry, tmp_path: Path) -> None:
    """It is offered in a spec and evaluated like edgent's own: four levels of grey cost some accuracy."""

    class FourGreys(RawCodec):
        name, number, carries, lossless = "four-greys", 240, (INPUT,), False

        def encode(self, tensor: np.ndarray) -> bytes:
            return super().encode(tensor // 64 * 64)

    codecs.add("four-greys", FourGreys())
    shipped = shipped_folder("pipelines") / "lenet.yaml"
    shutil.copytree(shipped.parent / "lenet", tmp_path / "lenet")
    spec = tmp_path / "lenet.yaml"
    spec.write_text(shipped.read_text().replace("[raw, webp]", "[raw, four-greys]"))
    network = Network.open(read_spec(spec), tmp_path / "cache")
    accuracies = evaluate_codecs(network, Labelled.of(digits.images[:200], digits.labels[:200]))
    pairs = {(change.input_codec, change.activation_codec) for change in accuracies.changes}
    assert pairs == {("four-greys", "float32"), ("raw", "uint8")}


def test_wrong_images_and_labels_are_refused(lenet: Network, digits: Split) -> None:
    """Said in a sentence."""
    with pytest.raises(InputError, match="expected"):
        evaluate_codecs(lenet, Labelled.of(digits.images[:, :, :-1], digits.labels))
    with pytest.raises(DataError, match="10 images, but 9 labels"):
        Labelled.of(digits.images[:10], digits.labels[:9])


def test_round_trip_and_refusals(lenet: Network, accuracies: CodecAccuracies, tmp_path: Path) -> None:
    """The file holds one line for each change, and is refused for another model or when it makes no sense."""
    path = tmp_path / "accuracy.yaml"
    accuracies.write(path)
    assert read_accuracies(path, lenet.graph.sha256) == accuracies
    with pytest.raises(StaleFileError, match=r"made for a model .*run `edgent evaluate SPEC`"):
        read_accuracies(path, "0" * 64)
    text = path.read_text(encoding="utf-8")
    for old, new, problem in (
        ("accuracy: ", "accuracy: 7", r"exits.0.accuracy: input should be less than or equal to 1, not 7"),
        ("- {exit: exit2, accuracy", "- {exit: exit3, accuracy", "changes name exit2, which exits does not"),
        ("compared: ", "compared: not_", r"compared: .*integer, not 'not_"),
    ):
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(StaleFileError, match=rf"accuracy.yaml: {problem}.*; run `edgent evaluate SPEC`"):
            read_accuracies(path, lenet.graph.sha256)


def test_the_earlier_format_is_accuracy(lenet: Network, accuracies: CodecAccuracies, tmp_path: Path) -> None:
    """A file of format 1 says no measure; one of a format to come is refused."""
    path = tmp_path / "accuracy.yaml"
    replace(accuracies, measure="agreement").write(path)
    text = path.read_text(encoding="utf-8")
    assert "format: 3\n" in text
    assert read_accuracies(path, lenet.graph.sha256).measure == "agreement"
    path.write_text(text.replace("format: 3\n", "format: 1\n").replace("measure: agreement\n", ""))
    assert read_accuracies(path, lenet.graph.sha256) == accuracies
    path.write_text(text.replace("format: 3\n", "format: 4\n"))
    with pytest.raises(StaleFileError, match="format 4, this edgent reads 3; run `edgent evaluate SPEC`"):
        read_accuracies(path, lenet.graph.sha256)


def test_batches_leave_room_for_what_crosses(
    lenet: Network, digits: Split, accuracies: CodecAccuracies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large activations are answered a few inputs at a time; what is measured is the same."""
    crossing = {
        path.cut_tensor(point): path.cut(point).size_bytes
        for path in lenet.graph.paths
        for point in path.partition_points
    }
    monkeypatch.setattr(evaluation, "_LARGEST_BATCH_BYTES", 7 * sum(crossing.values()) + 1)
    seen: list[int] = []
    answers = ScoredNetwork.answers

    def watched(self: ScoredNetwork, images: np.ndarray) -> dict[str, np.ndarray]:
        seen.append(len(images))
        return answers(self, images)

    monkeypatch.setattr(ScoredNetwork, "answers", watched)
    small = evaluate_codecs(lenet, Labelled.of(digits.images, digits.labels), budget_s=60.0)
    assert max(seen) == 7
    assert (small.exits, small.changes) == (accuracies.exits, accuracies.changes)


def test_a_network_for_batch_one(tmp_path: Path) -> None:
    """Its file calls the batch dynamic and a Reshape says 1: every image is answered by itself."""
    spec = write_tiny_spec(tmp_path / "one", for_batch_one(tmp_path / "network.onnx"))
    network = Network.open(read_spec(spec), tmp_path)
    images = np.random.default_rng(0).integers(0, 256, (120, 3, 8, 8), np.uint8)
    segment = Segment(network.segments.tail(1, 0))
    answers = np.array([segment.run(image[np.newaxis]).argmax() for image in images])
    accuracies = evaluate_codecs(network, Labelled.of(images, answers), budget_s=60.0)
    assert accuracies.exits[1].accuracy == 1.0
    assert accuracies.compared == len(images)


def test_an_answer_that_is_a_cut_of_a_deeper_exit(tmp_path: Path) -> None:
    """Logits, and their softmax as the next exit: at that cut only the deeper one reads through a codec."""
    net = NetworkBuilder()
    trunk = net.node("Relu", net.conv(net.normalised("image"), 3, 4))
    net.node("Softmax", net.classifier(trunk, 4 * 8 * 8, "exit1"), output="exit2")
    net.save(tmp_path / "network.onnx", ("exit1", "exit2"), (3, 8, 8), TensorProto.UINT8)
    spec = write_tiny_spec(tmp_path / "two", tmp_path / "network.onnx")
    spec.write_text(spec.read_text() + "codecs: {input: [raw, jpeg], activation: [float32, uint8]}\n")
    network = Network.open(read_spec(spec), tmp_path)
    logits, softmax = network.graph.paths
    last = len(logits.layers)
    assert softmax.cut_tensor(last) == logits.cut_tensor(last)
    images = np.random.default_rng(0).integers(0, 256, (120, 3, 8, 8), np.uint8)
    accuracies = evaluate_codecs(network, Labelled.of(images), budget_s=60.0)
    assert [exit_.accuracy for exit_ in accuracies.exits] == [1.0, 1.0]
    lossy = [row for row in accuracies.changes if row.activation_codec == "uint8"]
    compared = {(row.exit, row.partition_point, row.input_codec) for row in lossy}
    ends = {"exit1": last, "exit2": last + 1}
    assert compared == {(name, point, "raw") for name, end in ends.items() for point in range(1, end)}


def test_segments_make_room(
    lenet: Network, digits: Split, accuracies: CodecAccuracies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large network's are not all open at once, and the accuracies are the same."""
    monkeypatch.setattr(scored_network, "room_bytes", lambda: 1)
    scored = ScoredNetwork(lenet, "accuracy")
    right = {name: row.mean() for name, row in scored.plain(digits).scores.items()}
    assert len(scored.open._open) == 1
    assert right == pytest.approx({row.exit: row.accuracy for row in accuracies.exits}, abs=1e-6)


def test_heavy_layers_are_loaded_once_for_all_cuts_before_them(
    lenet: Network, digits: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tails that hold them do not fit into memory together, and are not loaded again for every batch."""
    room_bytes, opened = 1_500_000, []
    sizes = [4 * layer.parameters for path in lenet.graph.paths for layer in path.layers]
    assert any(size_bytes > room_bytes / 16 for size_bytes in sizes)
    deepest = lenet.graph.paths[-1]
    tails = [lenet.segments.tail(deepest.index, point) for point in range(1, len(deepest.layers))]
    assert sum(map(lenet.segments.size_bytes, tails)) > room_bytes

    class NotedSegment(Segment):
        def __init__(self, model: Path, **options: Any) -> None:
            super().__init__(model, **options)
            opened.append(model)

    monkeypatch.setattr(scored_network, "room_bytes", lambda: room_bytes)
    monkeypatch.setattr(open_segments, "Segment", NotedSegment)
    evaluate_codecs(lenet, Labelled.of(digits.images[:200], digits.labels[:200]), budget_s=60.0)
    assert len(opened) == len(set(opened))
