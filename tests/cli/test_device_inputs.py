"""``edgent-device`` on inputs as people have: several at once, photos of many sizes; answers as arrays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnx import TensorProto
from PIL import Image

from edgent.spec import read_spec
from tests.networks import NetworkBuilder
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """An image, and an array of two, in a folder whose name is no label."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    pixels = np.random.default_rng(6).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(pixels).save(folder / "a.png")
    np.save(folder / "d.npy", np.stack([pixels.transpose(2, 0, 1)] * 2))
    return folder


def test_several_inputs_are_all_run(edgent_device: Run, tiny_spec: Path, pictures: Path) -> None:
    """In the order in which they are given; the number of the class is beside its name."""
    image, array = pictures / "a.png", pictures / "d.npy"
    arguments = ("--input", array, "--input", image, "--plan", "exit2:p0", "--json")
    done = edgent_device("--pipeline", tiny_spec, *arguments)
    assert done.code == 0, done.errors
    objects = [json.loads(line) for line in done.output.splitlines()]
    assert [item["input"] for item in objects] == ["d.npy[0]", "d.npy[1]", "a.png"]
    assert all(item["label"] == "abcdefghij"[item["class_index"]] for item in objects)
    assert all(item["timeline_ms"]["prepare"] <= item["latency_ms"] for item in objects)


def test_no_accuracy_where_no_label_is_known(edgent_device: Run, tiny_spec: Path, pictures: Path) -> None:
    """The folder of a file that is given by itself is no label."""
    array = pictures / "d.npy"
    done = edgent_device("--pipeline", tiny_spec, "--input", array, "--plan", "exit2:p0")
    assert done.code == 0, done.errors
    assert "accuracy" not in done.output


def test_photos_of_many_sizes_just_run(edgent_device: Run, chain_network: Path, tmp_path: Path) -> None:
    """The spec says how they become inputs, and their labels are the folders' names."""
    spec = write_tiny_spec(tmp_path / "pipeline", chain_network)
    spec.write_text(spec.read_text().replace("input: {", "input: {preprocessing: {resize: cover}, "))
    random = np.random.default_rng(8)
    for number, label in enumerate(read_spec(spec).input.labels):
        (tmp_path / "photos" / label).mkdir(parents=True)
        pixels = random.integers(0, 256, (9 + 7 * number, 30 - 2 * number, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / label / "one.jpg")
    out = tmp_path / "answers"
    arguments = ("--input", tmp_path / "photos", "--plan", "exit2:p0", "--out", out)
    done = edgent_device("--pipeline", spec, *arguments)
    assert done.code == 0, done.errors
    assert "of 10 right" in done.output
    assert [np.load(file).shape for file in sorted(out.iterdir())] == [(10,)] * 10


def test_answers_that_are_no_labels(edgent_device: Run, tmp_path: Path) -> None:
    """A map of 2x4x4 is answered as an array: its shape in the line, its values in a file."""
    net = NetworkBuilder()
    maps = net.node("Relu", net.conv(net.normalised("image"), 3, 2), output="coarse")
    assert maps == "coarse"
    (tmp_path / "pipeline").mkdir()
    net.save(tmp_path / "pipeline" / "network.onnx", ("coarse",), (3, 4, 4), TensorProto.UINT8)
    spec = tmp_path / "pipeline" / "maps.yaml"
    spec.write_text(
        "version: 1\nname: maps\nmodel: {file: network.onnx}\ninput: {shape: [3, 4, 4]}\n"
        "exits: [{name: coarse}]\noutput: tensor\n"
    )
    np.save(tmp_path / "one.npy", np.full((3, 4, 4), 200, np.uint8))
    arguments = ("--input", tmp_path / "one.npy", "--plan", "coarse:p0", "--out", tmp_path / "out")
    done = edgent_device("--pipeline", spec, *arguments, "--json")
    assert done.code == 0, done.errors
    [answer] = [json.loads(line) for line in done.output.splitlines()]
    assert (answer["label"], answer["class_index"], answer["confidence"]) == (None, None, None)
    assert answer["output"] == {"shape": [2, 4, 4], "dtype": "float32"}
    assert np.load(answer["file"]).shape == (2, 4, 4)
    table = edgent_device("--pipeline", spec, *arguments)
    assert table.code == 0, table.errors
    assert "float32 [2, 4, 4]" in table.output
