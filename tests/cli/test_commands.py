"""The two commands as a user runs them: what they print, their exit codes, and no traceback for a mistake."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import external_data_helper
from PIL import Image

from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.command_fixtures import Outcome, Run
    from tests.torchserve_fixtures import Edge

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is not here")
PIPELINES = Path(__file__).parents[2] / "pipelines"


def _is_one_clear_error(done: Outcome, *words: str) -> None:
    assert done.code == 2, done
    assert done.output == ""
    text = " ".join(done.errors.replace("│", " ").split())  # typer frames its own in a box
    for word in words:
        assert word in text, text


def test_show_prints_the_network(edgent: Run) -> None:
    """Every layer, every exit, the bytes of the input."""
    done = edgent("show", PIPELINES / "lenet.yaml")
    assert done.code == 0, done.errors
    for word in ("2 exits", "conv", "maxpool", "784", "to exit1", "exit2", "accuracy 0."):
        assert word in done.output


def test_schema_is_json_schema(edgent: Run) -> None:
    """An editor can read it."""
    done = edgent("schema")
    assert done.code == 0, done.errors
    schema = json.loads(done.output)
    assert {"version", "name", "model", "input", "exits"} <= set(schema["required"])
    assert schema["additionalProperties"] is False


def test_data_without_a_network(edgent: Run, tmp_path: Path) -> None:
    """Offline the command says what to do, and leaves nothing half done that looks whole."""
    done = edgent(
        "data",
        tmp_path / "data",
        https_proxy="http://127.0.0.1:1",
        HTTPS_PROXY="http://127.0.0.1:1",
    )
    assert done.code == 2
    assert "EDGENT_DATA_DIR" in done.errors
    assert not (tmp_path / "data" / "cifar-10-batches-bin").exists()


def test_the_installed_commands_are_these() -> None:
    """What users start is what is tested here: a sentence, exit code 2, in a process of its own."""
    for name, argument in (("edgent", "show"), ("edgent-device", "--pipeline")):
        command = [str(Path(sys.executable).with_name(name)), argument, "missing.yaml"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: missing.yaml")


def _truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def _external(file: Path) -> None:
    model = onnx.load(file)
    external_data_helper.convert_model_to_external_data(model, location="weights.bin", size_threshold=0)
    onnx.save(model, file)
    weights = file.with_name("weights.bin")
    weights.symlink_to(weights.rename(file.parent.parent / "weights.bin"))


def _without_exit2(file: Path) -> None:
    model = onnx.load(file)
    del model.graph.output[1]
    onnx.save(model, file)


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        pytest.param(Path.unlink, ("network.onnx", "No such file"), id="missing"),
        pytest.param(lambda file: file.write_bytes(b""), ("network.onnx",), id="empty"),
        pytest.param(lambda file: file.write_bytes(b"no model" * 99), ("no valid ONNX",), id="not ONNX"),
        pytest.param(_truncated, ("no valid ONNX",), id="truncated"),
        pytest.param(_without_exit2, ("no output 'exit2'", "exits in the spec"), id="exit not there"),
        pytest.param(_external, ("weights.bin", "outside its own folder"), id="external data"),
        pytest.param(lambda file: (file.unlink(), file.mkdir()), ("network.onnx",), id="a folder"),
    ],
)
@pytest.mark.parametrize("command", ["show", "archive", "device"])
def test_model_files_that_cannot_be_used(
    edgent: Run,
    edgent_device: Run,
    chain_network: Path,
    tmp_path: Path,
    break_it: Callable[[Path], object],
    words: tuple[str, ...],
    command: str,
) -> None:
    """Each command says in a sentence which file it is and what is wrong with it."""
    spec = write_tiny_spec(tmp_path / "pipeline", chain_network)
    break_it(spec.with_name("network.onnx"))
    done = edgent_device("--pipeline", spec) if command == "device" else edgent(command, spec)
    _is_one_clear_error(done, *words)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("shape: [3, 8, 8]", "shape: [3, 8, 9]", ("input.shape", "[3, 8, 8]", "[3, 8, 9]")),
        ("labels: [a, ", "labels: [", ("input.labels: 9", "shape [10]")),
        ("file: network.onnx", "file: network.onnx, input: picture", ("model.input", "image", "picture")),
        (
            "file: network.onnx",
            f"file: network.onnx, sha256: {'ab' * 32}",
            ("model.sha256", "the spec declares abab"),
        ),
        ("name: exit2", "name: exit3", ("no output 'exit3'",)),
        ("exits:", "exist:", ("unknown key; did you mean exits?", "exits: required")),
    ],
)
def test_specs_that_do_not_fit_their_model(
    edgent: Run,
    chain_network: Path,
    tmp_path: Path,
    before: str,
    after: str,
    words: tuple[str, ...],
) -> None:
    """What the spec declares is checked against the file; both values are in the message."""
    spec = write_tiny_spec(tmp_path / "pipeline", chain_network)
    spec.write_text(spec.read_text().replace(before, after))
    _is_one_clear_error(edgent("show", spec), *words)


def test_show_of_a_network_whose_feature_codecs_are_gone(
    edgent: Run, chain_network: Path, tmp_path: Path
) -> None:
    """The network is shown all the same, and what is wrong with the codecs is said beside it."""
    spec = write_tiny_spec(tmp_path / "pipeline", chain_network)
    with spec.open("a", encoding="utf-8") as stream:
        stream.write("codecs: {features: [gone.yaml]}\n")
    done = edgent("show", spec)
    assert done.code == 0
    assert "exit2: " in done.output
    assert "codecs.features.0" in done.errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "missing.yaml"), ("missing.yaml", "cannot be read")),
        (("archive", "."), ("cannot be read",)),
        (("archive",), ("Missing argument",)),
        pytest.param(("train", "missing.yaml"), ("missing.yaml",), marks=needs_torch),
        (("serve", "--store", "nowhere", "true"), ("make archive",)),
        (("serve", "nosuch"), ("there is no command nosuch",)),  # before archives are looked for
        (("serve", "lenet"), ("edgent-device --pipeline lenet",)),
        (("doctor", "lenet", "--url", "grpc://localhost:7070"), ("write http://HOST:PORT", "--grpc-url")),
        (("nonsense",), ("No such command",)),
    ],
)
def test_mistakes_on_the_command_line(
    edgent: Run, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """A sentence and exit code 2."""
    _is_one_clear_error(edgent(*arguments), *words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--plan", "exit9:p1"), ("no exit 'exit9'",)),
        (("--plan", "exit1:p99"), ("no partition point 99",)),
        (("--plan", "exit1"), ("exit3:p7",)),
        (("--plan", "exit1:p1:gzip"), ("gzip",)),
        (("--plan", "exit1:p1:jpeg:float32"), ("jpeg",)),
        (("--plan", "exit1:p0", "--input", "nowhere.png"), ("nowhere.png", "no such file")),
        (("--plan", "exit1:p0", "--url", "localhost:8080"), ("http://HOST:PORT",)),
        (("--plan", "exit1:p0", "--url", "http://localhost:port"), ("http://HOST:PORT",)),
        (("--url", "grpc://localhost:7070"), ("write http://HOST:PORT", "--grpc-url")),
        (("--grpc-url", "http://localhost:8080"), ("grpc://HOST:PORT",)),
        (("--plan", "exit1:p0", "--latency-ms", "0"), ("0",)),
        (("--plan", "exit1:p0", "--latency-ms", "nan"), ("latency",)),
        (("--plan", "exit1:p0", "--latency-ms", "inf"), ("latency",)),
        (("--plan", "exit1:p0", "--latency-ms", "soon"), ("latency",)),
        (("--pipeline", "missing.yaml"), ("missing.yaml",)),
    ],
)
def test_mistakes_with_the_device(
    edgent_device: Run, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """The same on the device."""
    done = edgent_device("--pipeline", PIPELINES / "lenet.yaml", *arguments)
    _is_one_clear_error(done, *words)


def test_a_pipeline_without_samples(edgent_device: Run, tiny_spec: Path) -> None:
    """There is nothing to run, and the message says how to name something."""
    _is_one_clear_error(edgent_device("--pipeline", tiny_spec, "--plan", "exit1:p0"), "--input")


@pytest.fixture
def folder_with_a_broken_file(tmp_path: Path) -> Path:
    """Two good inputs, a broken and an odd-sized image between them."""
    folder = tmp_path / "images"
    folder.mkdir()
    pixels = np.random.default_rng(6).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(pixels).save(folder / "a.png")
    (folder / "b.png").write_bytes((folder / "a.png").read_bytes()[:50])
    Image.fromarray(pixels[:4]).save(folder / "c.png")
    np.save(folder / "d.npy", np.stack([pixels.transpose(2, 0, 1)] * 2))
    return folder


def test_json_is_one_object_an_input(
    edgent_device: Run, tiny_spec: Path, folder_with_a_broken_file: Path
) -> None:
    """Nothing else is on stdout; a broken input is an object with its error, and makes the exit code 1."""
    arguments = ("--input", folder_with_a_broken_file, "--plan", "exit2:p0", "--json")
    done = edgent_device("--pipeline", tiny_spec, *arguments)
    assert done.code == 1, done.errors
    objects = [json.loads(line) for line in done.output.splitlines()]
    assert [item["input"] for item in objects] == ["a.png", "b.png", "c.png", "d.npy[0]", "d.npy[1]"]
    assert ["error" in item for item in objects] == [False, True, True, False, False]
    assert "8x4 pixels; tiny takes 8x8" in objects[2]["error"]
    labels = {item["label"] for item in objects if "label" in item}
    assert len(labels) == 1
    assert labels <= set("abcdefghij")
    for item in objects:
        if "label" in item:
            assert item["exit"] == "exit2"
            assert item["plan"] == "exit2:p0"
            assert item["latency_ms"] > 0
            assert item["met_requirement"] in (True, False)
            assert item["sent_bytes"] == 0
    assert "b.png" in done.errors


def test_a_table_for_people(edgent_device: Run, tiny_spec: Path, folder_with_a_broken_file: Path) -> None:
    """The same as a table; what could not be run is below it."""
    arguments = ("--input", folder_with_a_broken_file, "--plan", "exit1:p0")
    done = edgent_device("--pipeline", tiny_spec, *arguments)
    assert done.code == 1
    assert "a.png" in done.output
    assert "d.npy[1]" in done.output
    assert "exit1:p0" in done.output
    assert "b.png" in done.errors
    assert "c.png" in done.errors


def test_an_edge_that_is_not_there_costs_no_answer(
    edgent_device: Run, tiny_spec: Path, folder_with_a_broken_file: Path
) -> None:
    """Every input is answered here, the reason is shown, and the command succeeds."""
    (folder_with_a_broken_file / "b.png").unlink()
    (folder_with_a_broken_file / "c.png").unlink()
    arguments = ("--input", folder_with_a_broken_file, "--plan", "exit2:p2", "--url", "http://127.0.0.1:1")
    done = edgent_device("--pipeline", tiny_spec, *arguments, "--json")
    assert done.code == 0, done.errors
    objects = [json.loads(line) for line in done.output.splitlines()]
    assert len(objects) == 3
    for item in objects:
        assert item["wanted"] == "exit2:p2"
        assert item["plan"].endswith(":p0")
        assert item["fallback"]
    assert "EdgeUnreachableError" in objects[0]["fallback"]
    assert "answered here instead" in done.errors


def test_what_a_placement_rules_out_is_said(edgent_device: Run, lenet: Path, tmp_path: Path) -> None:
    """Once, whatever number of inputs; in JSON with every answer."""
    text = lenet.read_text(encoding="utf-8")
    lenet.write_text(f"{text}placement: {{device_only: true}}\n", encoding="utf-8")
    np.save(tmp_path / "images.npy", np.zeros((2, 1, 28, 28), np.uint8))
    arguments = ("--pipeline", lenet, "--input", tmp_path / "images.npy")
    done = edgent_device(*arguments)
    assert done.code == 0, done.errors
    assert done.errors.count("placement.device_only rules out") == 1
    said = [json.loads(line)["ruled_out"] for line in edgent_device(*arguments, "--json").output.splitlines()]
    assert len(said) == 2
    assert all("placement.device_only rules out" in one for one in said)


@pytest.mark.torchserve
def test_half_here_and_half_there(
    edgent_device: Run,
    tiny_edge: Edge,
    tiny_head: str,
    tiny_spec: Path,
    folder_with_a_broken_file: Path,
) -> None:
    """With an edge: bytes went up and down, and the head's time is its own."""
    arguments = ("--input", folder_with_a_broken_file / "d.npy", "--plan", "exit2:p2", "--json")
    places = ("--url", tiny_edge.server.addresses.inference, "--token-file", tiny_edge.server.token_file)
    done = edgent_device("--pipeline", tiny_spec, *arguments, *places, "--latency-ms", "20000")
    assert done.code == 0, done.errors
    objects = [json.loads(line) for line in done.output.splitlines()]
    assert tiny_head == "tiny-p02"
    for item in objects:
        assert item["plan"] == item["wanted"] == "exit2:p2"
        assert item["fallback"] is None
        assert item["sent_bytes"] > 192
        assert item["received_bytes"] > 1024
        assert item["met_requirement"] is True


@pytest.mark.torchserve
def test_serve_runs_a_command_beside_a_server(edgent: Run, tiny_spec: Path, tmp_path: Path) -> None:
    """The command finds the edge through its environment; its exit code is ours, and the server is gone."""
    assert edgent("archive", tiny_spec, "--store", tmp_path / "store").code == 0
    code = (
        "import os, urllib.request as u, sys; url = os.environ['EDGENT_INFERENCE_URL']; print(url);"
        "assert os.path.exists(os.environ['EDGENT_TOKEN_FILE']); sys.exit(7)"
    )
    done = edgent("serve", "--store", tmp_path / "store", sys.executable, "-c", code)
    assert done.code == 7, done.errors
    assert done.output.startswith("http://127.0.0.1:")
    port = int(done.output.strip().rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 10)
