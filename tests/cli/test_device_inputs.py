"""``edgent-device`` on inputs as people have: several at once, photos of many sizes; answers as arrays."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest
from onnx import TensorProto
from PIL import Image

from device_runtime import DeviceRuntime
from edgent.spec import read_spec
from edgent.termination import Terminated
from tests.networks import NetworkBuilder
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from pathlib import Path

    from device_runtime.answer import Answer
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


@pytest.mark.parametrize(
    ("end", "code", "said"), [(KeyboardInterrupt, 130, "interrupted"), (Terminated, 143, "terminated")]
)
def test_a_signal_leaves_what_was_answered(
    edgent_device: Run,
    tiny_spec: Path,
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
    end: type[KeyboardInterrupt],
    code: int,
    said: str,
) -> None:
    """The table has the inputs until then, and the exit code is a shell's."""
    infer, asked = DeviceRuntime.infer, list[object]()

    def interrupted(runtime: DeviceRuntime, *arguments: Any) -> Answer:
        asked.append(arguments)
        if len(asked) == 3:
            raise end
        return infer(runtime, *arguments)

    monkeypatch.setattr(DeviceRuntime, "infer", interrupted)
    done = edgent_device("--pipeline", tiny_spec, "--input", pictures, "--plan", "exit2:p0")
    assert done.code == code
    assert "d.npy[0]" in done.output
    assert "d.npy[1]" not in done.output
    assert "in the mean" in done.output
    assert done.errors.splitlines()[-1] == said


def test_arrays_have_no_file_to_send(
    edgent_device: Run, chain_network: Path, tmp_path: Path, pictures: Path
) -> None:
    """It is said how many; under a plan that sends the file they are not run."""
    spec = write_tiny_spec(tmp_path / "pipeline", chain_network)
    spec.write_text(f"{spec.read_text()}codecs: {{input: [raw, file]}}\n")
    done = edgent_device("--pipeline", spec, "--input", pictures, "--plan", "exit2:p0")
    assert done.code == 0, done.errors
    assert "no file sent 2 of 3: the input came as pixels" in done.errors
    sends = ("--plan", "exit2:p8:file:float32", "--url", "http://127.0.0.1:9")
    done = edgent_device("--pipeline", spec, "--input", pictures / "d.npy", *sends)
    assert done.code == 2
    assert "sends a photo's own file, but the input came as pixels" in done.errors
    assert "nothing was run: --plan sends photos' own files, and" in done.errors
    assert "holds no input" not in done.errors
    both = ("--plan", "exit1:p0", *sends, "--plan", "exit2:p0", "--json")
    done = edgent_device("--pipeline", spec, "--input", pictures / "d.npy", *both)
    assert done.code == 1
    answers = [json.loads(line) for line in done.output.splitlines()]
    plans = [(answer["input"], answer.get("plan", "error")) for answer in answers]
    assert plans == [(f"d.npy[{n}]", plan) for n in (0, 1) for plan in ("exit1:p0", "exit2:p0", "error")]
    assert "not run d.npy[1]: exit2:p8:file:float32 sends a photo's own file" in done.errors


@pytest.mark.filterwarnings("ignore:Image size")
def test_a_picture_of_too_many_pixels_is_told_in_a_line(
    edgent_device: Run, held_out: Path, pictures: Path
) -> None:
    """With its file, its size and the limit."""
    header = bytearray((pictures / "a.png").read_bytes())
    for name, side in (("huge.png", 12_000), ("large.png", 10_000)):
        header[16:24] = side.to_bytes(4, "big") * 2
        header[29:33] = zlib.crc32(header[12:29]).to_bytes(4, "big")
        (pictures / name).write_bytes(header)
    done = edgent_device("--pipeline", held_out, "--input", pictures, "--plan", "exit2:p0", "--json")
    assert done.code == 1
    assert "not run huge.png: no readable image: 12000x12000 pixels, and at most 134,217,728" in done.errors
    assert "not run large.png: no readable image: " in done.errors
    assert "Warning" not in done.errors


def test_a_full_disk_leaves_what_was_answered(
    edgent_device: Run, tiny_spec: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table has the inputs until then; the reason is a line."""
    monkeypatch.setattr("edgent.whole_file.token_hex", lambda _: "unfinished")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".00001-exit2.unfinished.npy").symlink_to("/dev/full")
    arguments = ("--input", pictures, "--plan", "exit2:p0", "--out", tmp_path / "out")
    done = edgent_device("--pipeline", tiny_spec, *arguments)
    assert done.code == 2
    assert "a.png" in done.output
    assert "d.npy[0]" not in done.output
    assert "cannot be written: No space left on device; make room there" in done.errors.splitlines()[-1]


def test_what_was_opened_is_closed_where_a_later_thing_cannot_be(
    edgent_device: Run, tiny_spec: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live page is served before a recording's file is found to be there."""
    page = Mock()
    monkeypatch.setattr("device_runtime.watching.recording.LivePage", lambda _address: page)
    (tmp_path / "run.jsonl").touch()
    options = (
        "--input",
        pictures,
        "--plan",
        "exit2:p0",
        "--live",
        "8090",
        "--record",
        tmp_path / "run.jsonl",
    )
    done = edgent_device("--pipeline", tiny_spec, *options)
    assert done.code == 2
    assert "is there, and is not overwritten" in done.errors
    page.close.assert_called_once_with()


def test_a_broken_photo_is_said_once(edgent_device: Run, held_out: Path) -> None:
    """Whatever the number of plans."""
    plans = ("--plan", "exit1:p0", "--plan", "exit2:p0")
    done = edgent_device("--pipeline", held_out, "--input", "test", *plans)
    assert done.code == 1
    assert done.errors.count("not run photos/torn.png") == 1


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


@pytest.fixture
def held_out(chain_network: Path, tmp_path: Path) -> Path:
    """A spec whose held-out photos are in a list: a good one, a torn one, one that is gone, a good one."""
    spec = write_tiny_spec(tmp_path / "pipeline", chain_network)
    text = spec.read_text().replace("input: {", "input: {preprocessing: {}, ")
    spec.write_text(f"{text}data: {{held_out: held_out.csv}}\n")
    folder = tmp_path / "pipeline" / "photos"
    folder.mkdir()
    for name in ("one.png", "two.png"):
        Image.new("RGB", (12, 9)).save(folder / name)
    (folder / "torn.png").write_bytes(b"nothing")
    names = ("one", "torn", "gone", "two")
    rows = [f"photos/{name}.png,{label}\n" for name, label in zip(names, "abca", strict=True)]
    (tmp_path / "pipeline" / "held_out.csv").write_text(f"file,label\n{''.join(rows)}")
    return spec


def test_held_out_photos_are_named(edgent_device: Run, held_out: Path) -> None:
    """By their files, also those that could not be run; the labels are the list's."""
    done = edgent_device("--pipeline", held_out, "--input", "test", "--plan", "exit2:p0", "--json")
    assert done.code == 1, done.errors
    answers = [json.loads(line) for line in done.output.splitlines()]
    assert [answer["input"] for answer in answers] == [
        f"photos/{name}.png" for name in ("one", "torn", "gone", "two")
    ]
    assert [answer["expected"] for answer in answers] == list("abca")
    assert ["error" in answer for answer in answers] == [False, True, True, False]
    assert "not run photos/torn.png: no readable image" in done.errors
    assert "not run photos/gone.png: no readable image: No such file" in done.errors


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            "photos/torn.png,a\nphotos/gone.png,b\n",
            "error: nothing was run: test (held_out.csv) holds no input",
        ),
        ("", "held_out.csv: this list names no photo"),
    ],
)
def test_nothing_to_run_is_an_error(edgent_device: Run, held_out: Path, rows: str, words: str) -> None:
    """Each broken photo is said, and that there was no other."""
    (held_out.parent / "held_out.csv").write_text(f"file,label\n{rows}")
    done = edgent_device("--pipeline", held_out, "--input", "test", "--plan", "exit2:p0")
    assert (done.code, done.output) == (2, "")
    assert words in done.errors
    assert done.errors.count("not run") == rows.count("\n")


def test_labels_that_nobody_knows(edgent_device: Run, held_out: Path) -> None:
    """They are said once, and the photos answered as ones without labels: as `edgent evaluate` takes them."""
    (held_out.parent / "held_out.csv").write_text("file,label\nphotos/one.png,cats\n")
    words = ("--input", "test", "--plan", "exit2:p0", "--repeat", 3)
    done = edgent_device("--pipeline", held_out, *words)
    assert done.code == 0, done.errors
    assert done.errors.count("the inputs' labels (cats) are none of") == 1
    assert "one.png" in done.output
    assert "right" not in done.output


def test_held_out_data_that_is_not_there(edgent_device: Run, held_out: Path) -> None:
    """The spec's key is named."""
    (held_out.parent / "held_out.csv").unlink()
    done = edgent_device("--pipeline", held_out, "--input", "test", "--plan", "exit2:p0")
    assert (done.code, done.output) == (2, "")
    assert "data.held_out:" in done.errors
    assert "is not there" in done.errors


def test_an_archive_goes_by_numbers(edgent_device: Run, held_out: Path) -> None:
    """Its images have no names, but labels."""
    images, labels = np.zeros((2, 3, 8, 8), np.uint8), np.array([1, 0])
    np.savez(held_out.parent / "held_out.npz", images=images, labels=labels)
    held_out.write_text(held_out.read_text().replace("held_out.csv", "held_out.npz"))
    done = edgent_device("--pipeline", held_out, "--input", "test", "--plan", "exit2:p0", "--json")
    assert done.code == 0, done.errors
    answers = [json.loads(line) for line in done.output.splitlines()]
    assert [answer["input"] for answer in answers] == ["held_out.npz 0", "held_out.npz 1"]
    assert [answer["expected"] for answer in answers] == ["b", "a"]


def test_photos_for_a_network_that_takes_none(edgent_device: Run, tmp_path: Path) -> None:
    """Each is said, and that nothing was run."""
    net = NetworkBuilder()
    net.node("Gemm", "image", net.weight(5, 2), output="exit1")
    (tmp_path / "flat").mkdir()
    net.save(tmp_path / "flat" / "network.onnx", ("exit1",), (5,), TensorProto.FLOAT, classes=2)
    spec = tmp_path / "flat" / "flat.yaml"
    spec.write_text(
        "version: 1\nname: flat\nmodel: {file: network.onnx}\nexits: [{name: exit1}]\n"
        "input: {shape: [5], dtype: float32, labels: [a, b]}\ndata: {held_out: photos}\n"
    )
    (tmp_path / "flat" / "photos" / "a").mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(tmp_path / "flat" / "photos" / "a" / "one.png")
    (tmp_path / "flat" / "list.csv").write_text("file,label\nphotos/a/one.png,a\n")
    for source in ("test", tmp_path / "flat" / "list.csv"):
        done = edgent_device("--pipeline", spec, "--input", source, "--plan", "exit1:p0")
        assert (done.code, done.output) == (2, "")
        assert "not run a/one.png: flat takes float32 of shape [5]" in done.errors
        assert "error: nothing was run" in done.errors


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
