"""``edgent evaluate`` where inputs have no labels, or answers are arrays: exits against the deepest one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnx import TensorProto
from PIL import Image

from edgent.accuracy.codec_accuracy import CodecAccuracies, read_accuracies
from edgent.accuracy.codec_comparison import through_codec
from edgent.core.segment import Segment
from edgent.inputs.labelled import read_labelled
from edgent.network import Network
from edgent.spec import read_spec
from tests.networks import NetworkBuilder
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run


def _photos(folder: Path, count: int = 30) -> Path:
    """Photos of different sizes, all in one folder."""
    random = np.random.default_rng(4)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        pixels = random.integers(0, 256, (20 + number, 40 - number, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
    return folder


def _spec(folder: Path, network: Path, more: str = "") -> Path:
    spec = write_tiny_spec(folder, network)
    text = spec.read_text().replace("input: {", "input: {preprocessing: {}, ")
    spec.write_text(f"{text}codecs: {{input: [raw, jpeg], activation: [float32, uint8]}}\n{more}")
    return spec


def _maps(folder: Path, second: int = 2) -> Path:
    """A spec of a network whose exits give maps of 2 and of ``second`` channels."""
    net = NetworkBuilder()
    trunk = net.node("Relu", net.conv(net.normalised("image"), 3, 4))
    net.node("Sigmoid", net.conv(trunk, 4, 2), output="coarse")
    net.node("Sigmoid", net.conv(net.node("Relu", net.conv(trunk, 4, 4)), 4, second), output="fine")
    folder.mkdir()
    net.save(folder / "network.onnx", ("coarse", "fine"), (3, 8, 8), TensorProto.UINT8)
    spec = folder / "maps.yaml"
    spec.write_text(
        "version: 1\nname: maps\nmodel: {file: network.onnx}\noutput: tensor\n"
        "input: {shape: [3, 8, 8], preprocessing: {}}\nexits: [{name: coarse}, {name: fine}]\n"
        "codecs: {input: [raw, jpeg], activation: [float32, uint8]}\n"
    )
    return spec


def _found(spec: Path) -> tuple[Network, CodecAccuracies]:
    """The network, and what was measured of it."""
    network = Network.open(read_spec(spec))
    assert network.spec.codecs.accuracy is not None
    file = network.spec.resolve(network.spec.codecs.accuracy)
    return network, read_accuracies(file, network.graph.sha256)


def _inputs(folder: Path, spec: Path) -> np.ndarray:
    return read_labelled(folder, read_spec(spec)).split.images


def _answers(network: Network, index: int, inputs: np.ndarray) -> np.ndarray:
    return Segment(network.segments.tail(index, 0)).run(inputs)


@pytest.mark.parametrize("where", ["", "holiday"])
def test_photos_without_labels(edgent: Run, chain_network: Path, tmp_path: Path, where: str) -> None:
    """Lying flat, or in a folder that is no label: the share that gets the class of the deepest exit."""
    spec = _spec(tmp_path / "pipeline", chain_network)
    _photos(tmp_path / "photos" / where)
    done = edgent("evaluate", spec, "--images", tmp_path / "photos")
    assert done.code == 0, done.errors
    assert done.errors == ""
    assert "no input has a label, so accuracy is not known: measuring agreement" in done.output
    network, found = _found(spec)
    assert (found.measure, found.images, found.compared) == ("agreement", 30, 30)
    inputs = _inputs(tmp_path / "photos", spec)
    shallow, deep = (_answers(network, index, inputs).argmax(axis=1) for index in (0, 1))
    agreed = float((shallow == deep).mean())
    assert agreed < 1
    assert [exit_.accuracy for exit_ in found.exits] == [pytest.approx(agreed, abs=1e-6), 1.0]
    assert [exit_.accuracy for exit_ in network.spec.exits] == [round(agreed, 4), 1.0]
    seen = _answers(network, 0, through_codec(inputs, "jpeg", "input")[0]).argmax(axis=1)
    [row] = [row for row in found.changes if (row.exit, row.partition_point) == ("exit1", 0)]
    changes = (seen == deep).astype(float) - (shallow == deep)
    assert row.change == pytest.approx(changes.mean(), abs=1e-6)
    assert row.standard_error == pytest.approx(changes.std() / np.sqrt(30), abs=1e-6)


def test_an_archive_of_images_only(edgent: Run, chain_network: Path, tmp_path: Path) -> None:
    """The same as the same inputs in a folder."""
    spec = _spec(tmp_path / "pipeline", chain_network)
    images = np.random.default_rng(1).integers(0, 256, (25, 3, 8, 8), np.uint8)
    np.savez(tmp_path / "one.npz", images=images)
    (tmp_path / "many").mkdir()
    np.save(tmp_path / "many" / "some.npy", images[:20])
    np.savez(tmp_path / "many" / "then.npz", a=images[20:23], b=images[23], c=images[24])
    found = []
    for source in ("one.npz", "many"):
        done = edgent("evaluate", spec, "--images", tmp_path / source)
        assert done.code == 0, done.errors
        assert "measuring agreement" in done.output
        found.append(_found(spec)[1])
    assert found[0].exits == found[1].exits
    assert found[0].changes == found[1].changes


def test_some_with_labels(edgent: Run, chain_network: Path, tmp_path: Path) -> None:
    """Those count, and accuracy is measured; the others are named, unless the measure needs no labels."""
    spec = _spec(tmp_path / "pipeline", chain_network)
    photos = tmp_path / "photos"
    for where, count in (("", 2), ("holiday", 3), ("a", 4), ("b", 5)):
        _photos(photos / where, count)
    done = edgent("evaluate", spec, "--images", photos)
    assert done.code == 0, done.errors
    assert "left out: 00.png: it lies in no folder that is named for a label" in done.errors
    assert "left out: holiday: a folder of 3 files" in done.errors
    assert "measuring" not in done.output
    _, found = _found(spec)
    assert (found.measure, found.images) == ("accuracy", 9)
    done = edgent("evaluate", spec, "--images", photos, "--measure", "cosine")
    assert (done.code, done.errors) == (0, "")
    assert "no input has a label" not in done.output
    assert "measuring cosine" in done.output
    _, found = _found(spec)
    assert (found.measure, found.images) == ("cosine", 14)


@pytest.mark.parametrize("is_listed", [False, True])
def test_labels_that_the_pipeline_does_not_know(
    edgent: Run, chain_network: Path, tmp_path: Path, is_listed: bool
) -> None:
    """They are said beside those that it knows: agreement is measured, accuracy cannot be."""
    spec = _spec(tmp_path / "pipeline", chain_network)
    photos = tmp_path / "photos"
    names = ("daisy", "lily", "rose", "tulip")
    for name in names:
        _photos(photos / name, 2)
    if is_listed:
        rows = "".join(f"{name}/00.png,{name}\n" for name in names)
        (photos / "list.csv").write_text(f"file,label\n{rows}")
        photos = photos / "list.csv"
    words = "the inputs' labels (daisy, lily, rose, …) are none of tiny's classes (a, b, c, …), which input."
    done = edgent("evaluate", spec, "--images", photos)
    assert done.code == 0, done.errors
    assert words in done.output
    assert "no input has a label" not in done.output
    assert "measuring agreement" in done.output
    done = edgent("evaluate", spec, "--images", photos, "--measure", "accuracy")
    assert (done.code, done.output) == (2, "")
    assert words in done.errors


def test_what_is_replaced_is_said(edgent: Run, chain_network: Path, tmp_path: Path) -> None:
    """The measure and the inputs of the accuracies that the spec had."""
    spec = _spec(tmp_path / "pipeline", chain_network)
    spec.write_text(spec.read_text().replace("{name: exit1}", "{name: exit1, accuracy: 0.5}"))
    for label, count in (("a", 2), ("b", 3)):
        _photos(tmp_path / "photos" / label, count)
    for options, closing in (
        ((), "tiny.yaml: accuracy on 5 inputs in place of those that the spec stated"),
        (("--measure", "cosine"), "tiny.yaml: cosine on 5 inputs in place of accuracy on 5 inputs"),
    ):
        done = edgent("evaluate", spec, "--images", tmp_path / "photos", *options)
        assert done.code == 0, done.errors
        assert done.output.splitlines()[-1].endswith(closing)


def test_accuracy_needs_labels(edgent: Run, chain_network: Path, tmp_path: Path) -> None:
    """Asked for by name, where no input has one."""
    spec = _spec(tmp_path / "pipeline", chain_network)
    done = edgent("evaluate", spec, "--images", _photos(tmp_path / "photos", 2), "--measure", "accuracy")
    assert (done.code, done.output) == (2, "")
    assert "holds no labelled input: it needs a subfolder of inputs for each label" in done.errors


def test_broken_files_are_left_out(edgent: Run, chain_network: Path, tmp_path: Path) -> None:
    """They are found when they are read, named, and not counted."""
    spec = _spec(tmp_path / "pipeline", chain_network)
    photos = _photos(tmp_path / "photos", 3)
    (photos / "torn.png").write_bytes(b"nothing")
    np.save(photos / "wrong.npy", np.zeros((2, 3, 9, 8), np.uint8))
    done = edgent("evaluate", spec, "--images", photos)
    assert done.code == 0, done.errors
    assert "left out: torn.png: no readable image" in done.errors
    assert "left out: wrong.npy[1]: shape [3, 9, 8]" in done.errors
    assert _found(spec)[1].images == 3
    (tmp_path / "torn").mkdir()
    (photos / "torn.png").rename(tmp_path / "torn" / "torn.png")
    done = edgent("evaluate", spec, "--images", tmp_path / "torn")
    assert done.code == 2
    assert "no input can be read; torn.png: no readable image" in done.errors


@pytest.mark.parametrize(("asked", "measure"), [((), "cosine"), (("--measure", "closeness"), "closeness")])
def test_arrays(edgent: Run, tmp_path: Path, asked: tuple[str, ...], measure: str) -> None:
    """Maps are scored by those of the deepest exit."""
    spec = _maps(tmp_path / "pipeline")
    photos = _photos(tmp_path / "photos")
    done = edgent("evaluate", spec, "--images", photos, *asked)
    assert done.code == 0, done.errors
    assert f"measuring {measure}" in done.output
    assert "no plan uses" not in done.output
    network, found = _found(spec)
    assert found.measure == measure
    inputs = _inputs(photos, spec)
    coarse, fine = (_answers(network, index, inputs).reshape(30, -1).astype(float) for index in (0, 1))
    lengths = np.linalg.norm(fine, axis=1)
    if measure == "cosine":
        expected = (coarse * fine).sum(axis=1) / lengths / np.linalg.norm(coarse, axis=1)
    else:
        expected = 1 - np.linalg.norm(coarse - fine, axis=1) / lengths
    assert [exit_.accuracy for exit_ in found.exits] == [pytest.approx(expected.mean(), abs=1e-5), 1.0]
    of_deepest = found.by_exit["fine"]
    by_cut, with_jpeg = (np.asarray(of_deepest[source, "uint8"])[1:] for source in ("raw", "jpeg"))
    assert ((by_cut > 0.9) & (by_cut <= 1)).all()
    assert (with_jpeg < by_cut).all()


def test_arrays_of_different_shapes(edgent: Run, tmp_path: Path) -> None:
    """Nothing compares them: the message says what to do."""
    spec = _maps(tmp_path / "pipeline", second=3)
    done = edgent("evaluate", spec, "--images", _photos(tmp_path / "photos", 2))
    assert (done.code, done.output) == (2, "")
    assert (
        "coarse gives an array of shape [2, 8, 8], and the deepest exit, fine, one of [3, 8, 8]"
        in done.errors
    )
    assert "write exits[].accuracy yourself and list lossless codecs only" in done.errors


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("accuracy", "output: tensor has no accuracy; choose cosine, closeness, or write exits[].accuracy"),
        ("cosin", "no measure 'cosin'; did you mean 'cosine'?"),
    ],
)
def test_measures_that_do_not_fit(edgent: Run, tmp_path: Path, measure: str, words: str) -> None:
    """A measure for classes, or none at all."""
    spec = _maps(tmp_path / "pipeline")
    done = edgent("evaluate", spec, "--images", _photos(tmp_path / "photos", 2), "--measure", measure)
    assert (done.code, done.output) == (2, "")
    assert words in done.errors


def test_plans_say_what_they_are_measured_by(
    edgent: Run, edgent_device: Run, profiled: Path, tmp_path: Path
) -> None:
    """Tables, explanations, JSON, the network's own table and the device name the measure."""
    np.save(tmp_path / "some.npy", np.random.default_rng(1).integers(0, 256, (25, 3, 8, 8), np.uint8))
    done = edgent("evaluate", profiled, "--images", tmp_path / "some.npy")
    assert done.code == 0, done.errors
    sentence = "accuracy is measured by agreement (share of inputs that get the class that the deepest exit"
    link = ("--bandwidth-kbps", 10_000, "--latency-ms", 1000)
    for arguments in (("plan", profiled), ("plan", profiled, *link, "--explain"), ("show", profiled)):
        done = edgent(*arguments)
        assert done.code == 0, done.errors
        assert sentence in done.output
        assert "right" not in done.output
    assert "exit2: agreement 1.0000" in done.output
    done = edgent("plan", profiled, *link, "--json")
    assert '"measure": "agreement"' in done.output
    nobody = ("--url", "http://127.0.0.1:9")
    done = edgent_device("--pipeline", profiled, "--input", tmp_path / "some.npy", "--count", 1, *nobody)
    assert done.code == 0, done.errors
    assert sentence in done.errors
