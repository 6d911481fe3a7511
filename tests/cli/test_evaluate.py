"""``edgent evaluate``: accuracies of exits into the spec, of codecs beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from edgent.accuracy.codec_accuracy import read_accuracies
from edgent.core.segment import Segment
from edgent.inputs import read_inputs
from edgent.inputs.labelled import held_out_data
from edgent.network import Network
from edgent.spec import read_spec
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run


def test_accuracies_are_written_where_the_spec_says(edgent: Run, lenet: Path) -> None:
    """Those of the exits into it, those of the codecs into a file that it names from then on."""
    text = lenet.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "codec_accuracy" not in line]
    lenet.write_text("\n".join(kept).replace("accuracy: 0.9", "accuracy: 0.1"), encoding="utf-8")
    (lenet.parent / "lenet" / "codec_accuracy.yaml").unlink()
    done = edgent("evaluate", lenet, "--budget-s", 0.1)
    assert done.code == 0, done.errors
    spec = read_spec(lenet)
    assert spec.codecs.accuracy == "lenet/codec_accuracy.yaml"
    found = read_accuracies(spec.resolve(spec.codecs.accuracy), Network.open(spec).graph.sha256)
    for exit_, measured in zip(spec.exits, found.exits, strict=True):
        assert exit_.accuracy == round(measured.accuracy, 4)
        assert measured.accuracy > 0.9
        assert f"{measured.accuracy:.3f}" in done.output
    assert ("raw", "uint8") in found.by_exit["exit2"]


def test_without_data_there_is_nothing_to_evaluate(edgent: Run, profiled: Path) -> None:
    """The message says what to write instead."""
    done = edgent("evaluate", profiled)
    assert (done.code, done.output) == (2, "")
    assert "no training.dataset" in done.errors


def _photos(folder: Path, labels: tuple[str, ...]) -> Path:
    """Six photos of different sizes for each label."""
    random = np.random.default_rng(4)
    for label in labels:
        (folder / label).mkdir(parents=True)
        for number in range(6):
            pixels = random.integers(0, 256, (20 + number, 30 - number, 3), np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{number}.png")
    return folder


def _spec(folder: Path, network: Path, more: str = "") -> Path:
    spec = write_tiny_spec(folder, network)
    text = spec.read_text().replace("input: {", "input: {preprocessing: {}, ")
    spec.write_text(f"{text}codecs: {{input: [raw, jpeg], activation: [float32, uint8]}}\n{more}")
    return spec


def test_any_folder_of_labelled_folders(edgent: Run, chain_network: Path, tmp_path: Path) -> None:
    """Its photos are made inputs as the spec says; what has no label is left out and said."""
    spec = _spec(tmp_path / "pipeline", chain_network)
    photos = _photos(tmp_path / "photos", read_spec(spec).input.labels)
    (photos / "cats").mkdir()
    Image.new("RGB", (9, 9)).save(photos / "cats" / "one.png")
    done = edgent("evaluate", spec, "--images", photos)
    assert done.code == 0, done.errors
    assert "left out: cats" in done.errors
    measured = read_spec(spec)
    assert measured.codecs.accuracy is not None
    found = read_accuracies(measured.resolve(measured.codecs.accuracy), Network.open(measured).graph.sha256)
    assert found.images == 60
    assert ("jpeg", "uint8") in found.by_exit["exit2"]
    inputs = np.concatenate(
        [item.tensor for item in read_inputs(photos, measured) if item.tensor is not None]
    )
    wanted = np.repeat(np.arange(10), 6)
    network = Network.open(measured)
    for path, exit_ in zip(network.graph.paths, measured.exits, strict=True):
        answers = Segment(network.segments.tail(path.index, 0)).run(inputs).argmax(axis=1)
        assert exit_.accuracy == round(float((answers == wanted).mean()), 4)


def test_held_out_data_of_the_spec(edgent: Run, chain_network: Path, tmp_path: Path) -> None:
    """A folder or an .npz beside the spec: the same inputs, the same accuracies."""
    folder = tmp_path / "pipeline"
    spec = _spec(folder, chain_network, "data: {held_out: photos}\n")
    pipeline = read_spec(spec)
    _photos(folder / "photos", pipeline.input.labels)
    labelled = held_out_data(pipeline).split
    np.savez(folder / "photos.npz", images=labelled.images, labels=labelled.labels)
    accuracies = []
    for source in ("photos", "photos.npz"):
        spec.write_text(spec.read_text().replace("held_out: photos}", f"held_out: {source}}}"))
        done = edgent("evaluate", spec)
        assert done.code == 0, done.errors
        accuracies.append([exit_.accuracy for exit_ in read_spec(spec).exits])
    assert accuracies[0] == accuracies[1]


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"labels": np.zeros(2, int)}, "no .npz file with an array images"),
        ({"images": np.zeros((2, 3, 9, 8), np.uint8), "labels": np.zeros(2, int)}, "takes a number of"),
        ({"images": np.zeros((2, 3, 8, 8), np.uint8), "labels": np.zeros(3, int)}, "for each of 2 images"),
        ({"images": np.zeros((2, 3, 8, 8), np.uint8), "labels": np.array([0, 10])}, "has classes 0 to 9"),
    ],
)
def test_archives_that_hold_something_else(
    edgent: Run, chain_network: Path, tmp_path: Path, arrays: dict[str, np.ndarray], words: str
) -> None:
    """One sentence with what was expected."""
    spec = _spec(tmp_path / "pipeline", chain_network)
    np.savez(tmp_path / "data.npz", allow_pickle=False, **arrays)
    done = edgent("evaluate", spec, "--images", tmp_path / "data.npz")
    assert done.code == 2
    assert words in done.errors


@pytest.mark.parametrize("held_out", ["nowhere", "empty"])
def test_data_that_is_not_there(edgent: Run, chain_network: Path, tmp_path: Path, held_out: str) -> None:
    """The message names the folder and what belongs there."""
    spec = _spec(tmp_path / "pipeline", chain_network, f"data: {{held_out: {held_out}}}\n")
    (tmp_path / "pipeline" / "empty").mkdir()
    done = edgent("evaluate", spec)
    assert done.code == 2
    assert held_out in done.errors
