"""``edgent new`` and ``edgent exits``: from an ONNX file and photos to a pipeline that plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
import pytest
from onnx import TensorProto
from PIL import Image

from edgent.errors import DataError
from edgent.exits.record import read_record
from edgent.network import Network
from edgent.spec import read_spec
from tests.networks import NetworkBuilder, one_output
from tests.photos import COLOURS, labelled, unlabelled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run

QUICK = ("--exits", 3, "--budget-s", 1)


@pytest.mark.slow
def test_from_labelled_photos_to_plans(edgent: Run, edgent_device: Run, tmp_path: Path) -> None:
    """New classes, exits, accuracies, profiles; the plan table has jpeg and uint8; the device agrees."""
    one_output(tmp_path / "net.onnx")
    labelled(tmp_path / "photos" / "train", 16)
    labelled(tmp_path / "photos" / "test", 8, seed=1)
    done = edgent("new", "colours", "--model", tmp_path / "net.onnx", "--photos", tmp_path / "photos", *QUICK)
    assert done.code == 0, done.errors
    assert "48 photos of 3 classes to train on, 24 to measure with" in done.output
    assert "the network did not know these 3 classes" in done.output
    assert "None was tried on smaller pictures" not in done.output
    assert "What next" in done.output
    spec = read_spec(tmp_path / "cwd" / "pipelines" / "colours.yaml")
    assert spec.input.labels == tuple(COLOURS)
    assert (spec.input.dtype, spec.model.input, spec.model.file) == (
        "uint8",
        "pixels",
        "colours/network.onnx",
    )
    assert not (tmp_path / "cwd" / "pipelines" / "colours" / "labels.txt").exists()
    network = Network.open(spec)
    record = read_record(spec.resolve("colours/exits.yaml"), network.graph.sha256)
    assert [exit_.accuracy for exit_ in spec.exits] == [exit_.held_out for exit_ in record.exits]
    own = {weight.name: weight for weight in onnx.load(tmp_path / "net.onnx").graph.initializer}
    kept = [
        weight for weight in onnx.load(spec.resolve(spec.model.file)).graph.initializer if weight.name in own
    ]
    assert kept
    assert all(weight == own[weight.name] for weight in kept)
    plans = edgent("plan", spec.file, "--bandwidth-kbps", 100, "--top", 1000)
    assert ":jpeg" in plans.output
    assert ":file" in plans.output
    assert "uint8" in plans.output
    last = spec.exits[-1]
    path = network.graph.path_of(last.name)
    device = edgent_device("--pipeline", spec.file, "--input", "test", "--plan", f"{last.name}:p0")
    assert f"accuracy {last.accuracy:.4f}: " in device.output, device.errors
    assert len(path.layers) > 3


@pytest.mark.slow
def test_from_photos_without_labels(edgent: Run, tmp_path: Path) -> None:
    """Exits learn from the network, which keeps its output; agreement is measured, and said."""
    one_output(tmp_path / "net.onnx")
    unlabelled(tmp_path / "photos", 40)
    done = edgent("new", "cams", "--model", tmp_path / "net.onnx", "--photos", tmp_path / "photos", *QUICK)
    assert done.code == 0, done.errors
    spec = read_spec(tmp_path / "cwd" / "pipelines" / "cams.yaml")
    assert spec.exits[-1].output == "logits"
    assert spec.exits[-1].accuracy == 1.0
    assert spec.input.labels[:2] == ("class 0", "class 1")
    assert (spec.data.train, spec.data.held_out) == ("cams/train.csv", "cams/held_out.csv")
    assert "agreement" in done.output
    assert "--labels" in done.output


def _interrupt(*_arguments: object, **_options: object) -> None:
    raise DataError("the power failed")


@pytest.mark.slow
def test_it_goes_on_where_it_stopped(edgent: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is overwritten without --resume; with it, what is there is not made again."""
    one_output(tmp_path / "net.onnx")
    labelled(tmp_path / "photos", 10)
    arguments = ("new", "colours", "--model", tmp_path / "net.onnx", "--photos", tmp_path / "photos", *QUICK)
    moved = tmp_path / "elsewhere"
    with monkeypatch.context() as patch:
        patch.setattr("edgent.accuracy.evaluation.evaluate_codecs", _interrupt)
        assert edgent(*arguments).code == 2
    files = tmp_path / "cwd" / "pipelines" / "colours"
    made = (files / "network.onnx").read_bytes()
    refused = edgent(*arguments)
    assert refused.code == 2
    assert "--resume" in refused.errors
    wrong = edgent("new", "colours", "--photos", moved, "--resume")
    assert wrong.code == 2
    assert "give NAME and --out only" in wrong.errors
    again = edgent("new", "colours", "--resume")
    assert again.code == 0, again.errors
    assert "edgent exits" not in again.output
    assert "edgent evaluate" in again.output
    assert (files / "network.onnx").read_bytes() == made
    assert {file.name for file in files.iterdir()} == {
        *("network.onnx", "exits.yaml", "codec_accuracy.yaml", "device.yaml", "edge.yaml"),
        *("train.csv", "held_out.csv"),
    }
    complete = edgent("new", "colours", "--resume")
    assert complete.code == 2
    assert "no interrupted run" in complete.errors


def test_without_photos_it_says_what_is_missing(edgent: Run, edgent_device: Run, tmp_path: Path) -> None:
    """The spec is valid, and a fixed plan runs."""
    one_output(tmp_path / "net.onnx")
    names = tmp_path / "names.txt"
    names.write_text("".join(f"thing {number}\n" for number in range(10)))
    done = edgent("new", "bare", "--model", tmp_path / "net.onnx", "--labels", names)
    assert done.code == 0, done.errors
    assert "imagenet (torchvision, timm) is assumed" in done.output
    assert "--photos" in done.output
    spec = read_spec(tmp_path / "cwd" / "pipelines" / "bare.yaml")
    assert spec.input.labels[3] == "thing 3"
    Image.new("RGB", (40, 30), "red").save(tmp_path / "red.png")
    ran = edgent_device("--pipeline", spec.file, "--input", tmp_path / "red.png", "--plan", "exit1:p0")
    assert ran.code == 0, ran.errors
    assert "thing" in ran.output


def test_a_network_with_exits_keeps_them(edgent: Run, chain_network: Path, tmp_path: Path) -> None:
    """They are named by their work; it takes pixels already, so nothing is folded."""
    done = edgent("new", "chain", "--model", chain_network)
    assert done.code == 0, done.errors
    spec = read_spec(tmp_path / "cwd" / "pipelines" / "chain.yaml")
    assert spec.exit_outputs == ("exit1", "exit2")
    assert (tmp_path / "cwd" / "pipelines" / "chain" / "network.onnx").is_file()
    refused = edgent("exits", spec.file)
    assert refused.code == 2
    assert "data.train" in refused.errors


@pytest.mark.parametrize("takes_any_size", [False, True])
def test_exits_say_what_pictures_they_read(edgent: Run, tmp_path: Path, *, takes_any_size: bool) -> None:
    """Those on smaller ones by their size; where a network takes one size alone, that."""
    if takes_any_size:
        one_output(tmp_path / "net.onnx")
    else:
        net = NetworkBuilder()
        net.classifier(net.node("Relu", net.pool(net.conv("image", 3, 4))), 4 * 8 * 8, "logits")
        net.save(tmp_path / "net.onnx", ("logits",), (3, 16, 16), TensorProto.FLOAT)
    labelled(tmp_path / "train", 8)
    labelled(tmp_path / "held_out", 4, seed=1)
    (tmp_path / "own.yaml").write_text(
        "version: 1\nname: own\nmodel: {file: net.onnx}\ndata: {train: train, held_out: held_out}\n"
        "input: {shape: [3, 16, 16], dtype: float32, labels: [a, b, c, d, e, f, g, h, i, j],\n"
        "  preprocessing: {resize: cover, mean: 127.5, scale: 127.5}}\nexits: [{name: logits}]\n"
    )
    done = edgent("exits", tmp_path / "own.yaml", COLUMNS="120")
    assert done.code == 0, done.errors
    assert ("x8 pixels at p" in done.output or "x12 pixels at p" in done.output) == takes_any_size
    said = "None was tried on smaller pictures: its layers take pictures of one size alone"
    assert (said in done.output) != takes_any_size


@pytest.mark.slow
def test_arrays_for_answers(edgent: Run, tmp_path: Path) -> None:
    """A network that gives maps: output tensor, and agreement by cosine for its codecs."""
    model = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 17]>
        maps (float[n, 3, 8, 8] x) => (float[n, 3, 8, 8] y) { a = Relu(x)
          y = Sigmoid(a) }""")
    onnx.save(model, tmp_path / "maps.onnx")
    unlabelled(tmp_path / "photos", 24)
    arguments = ("--model", tmp_path / "maps.onnx", "--photos", tmp_path / "photos", "--pixels", "unit")
    done = edgent("new", "maps", *arguments, *QUICK)
    assert done.code == 0, done.errors
    spec = read_spec(tmp_path / "cwd" / "pipelines" / "maps.yaml")
    assert (spec.output, len(spec.exits)) == ("tensor", 1)
    assert "cosine" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("new",), "NAME and --model"),
        (("new", "x"), "NAME and --model"),
        (("new", "x", "--example", "lenet"), "takes --out only"),
        (("new", "x", "--resume"), "no interrupted run"),
        (("new", "../x", "--resume"), "no name of a pipeline"),
        (("new", "x" * 300, "--model", "net.onnx"), "64 at most"),
        (("new", "x", "--model", "net.onnx", "--output", "logit"), "did you mean 'logits'"),
        (("new", "x", "--model", "two.onnx"), "logits (10), gap (4)"),
        (("new", "x", "--model", "net.onnx", "--photos", "photos", "--pixels", "none"), "leaves it so"),
        (("new", "3 x", "--model", "net.onnx"), "no name of a pipeline"),
        (("new", "x", "--model", "nowhere.onnx"), "cannot read the model nowhere.onnx"),
        (("new", "x", "--model", "net.onnx", "--photos", "nowhere"), "no such folder of photos"),
        (
            ("new", "x", "--model", "net.onnx", "--labels", "names.txt"),
            "2 names, and net.onnx has 10 classes",
        ),
        (("new", "x", "--model", "net.onnx", "--pixels", "unti"), "did you mean 'unit'"),
    ],
)
def test_mistakes_end_in_a_sentence(
    edgent: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    """Before anything is written."""
    one_output(tmp_path / "net.onnx")
    unlabelled(tmp_path / "photos", 20)
    two = NetworkBuilder()
    pooled = two.node("Flatten", two.node("GlobalAveragePool", two.conv("image", 3, 4)), output="gap")
    two.node("Gemm", pooled, two.weight(4, 10), two.weight(10), output="logits")
    two.save(tmp_path / "two.onnx", ("logits", "gap"), (3, 8, 8), onnx.TensorProto.FLOAT)
    (tmp_path / "names.txt").write_text("a\nb\n")
    monkeypatch.chdir(tmp_path)
    done = edgent(*arguments)
    assert done.code == 2
    assert message in done.errors
    assert not (tmp_path / "pipelines").exists()


@pytest.mark.slow
@pytest.mark.parametrize("more", [("--exits", 1), ("--exits", 3)])
def test_labels_that_nobody_learns(
    edgent: Run, edgent_device: Run, tmp_path: Path, more: tuple[str, int]
) -> None:
    """The photos are answered all the same, as ones without labels; with exits, they are learnt."""
    one_output(tmp_path / "net.onnx")
    labelled(tmp_path / "photos", 10)
    arguments = ("--model", tmp_path / "net.onnx", "--photos", tmp_path / "photos", "--budget-s", 1, *more)
    assert edgent("new", "own", *arguments).code == 0
    spec = tmp_path / "cwd" / "pipelines" / "own.yaml"
    ran = edgent_device("--pipeline", spec, "--input", "test", "--plan", "exit1:p0", "--json")
    assert ran.code == 0, ran.errors
    answered = [line for line in ran.output.splitlines() if '"label"' in line]
    assert len(answered) == 6


@pytest.mark.slow
def test_logits_and_their_softmax(edgent: Run, tmp_path: Path) -> None:
    """One exit's answer is what crosses at a cut of the other's path."""
    net = NetworkBuilder()
    pooled = net.node("Flatten", net.node("GlobalAveragePool", net.node("Relu", net.conv("image", 3, 4))))
    net.node("Gemm", pooled, net.weight(4, 10), net.weight(10), output="logits")
    net.node("Softmax", "logits", output="shares")
    net.save(tmp_path / "two.onnx", ("logits", "shares"), (3, 8, 8), onnx.TensorProto.FLOAT)
    unlabelled(tmp_path / "photos", 24)
    arguments = ("--model", tmp_path / "two.onnx", "--photos", tmp_path / "photos", "--budget-s", 1)
    done = edgent("new", "two", *arguments)
    assert done.code == 0, done.errors
    assert "What next" in done.output


@pytest.mark.parametrize("name", ["null", "true", "yes"])
def test_names_that_yaml_reads_as_something_else(edgent: Run, tmp_path: Path, name: str) -> None:
    """They stay names."""
    one_output(tmp_path / "net.onnx")
    assert edgent("new", name, "--model", tmp_path / "net.onnx").code == 0
    assert read_spec(tmp_path / "cwd" / "pipelines" / f"{name}.yaml").name == name


def test_one_output_of_several(edgent: Run, tmp_path: Path) -> None:
    """The others are left out of the network."""
    net = NetworkBuilder()
    pooled = net.node("Flatten", net.node("GlobalAveragePool", net.conv("image", 3, 4)), output="gap")
    net.node("Gemm", pooled, net.weight(4, 10), net.weight(10), output="logits")
    net.save(tmp_path / "two.onnx", ("logits", "gap"), (3, 8, 8), onnx.TensorProto.FLOAT)
    done = edgent("new", "one", "--model", tmp_path / "two.onnx", "--output", "logits")
    assert done.code == 0, done.errors
    spec = read_spec(tmp_path / "cwd" / "pipelines" / "one.yaml")
    assert (spec.output, spec.exit_outputs) == ("labels", ("logits",))


def test_nothing_of_the_user_is_touched(edgent: Run, tmp_path: Path) -> None:
    """A network and labels that lie where the pipeline would go."""
    files = tmp_path / "cwd" / "pipelines" / "flow"
    files.mkdir(parents=True)
    one_output(files / "trunk.onnx")
    (files / "labels.txt").write_text("mine\n")
    before = {file: file.read_bytes() for file in files.iterdir()}
    for more in ((), ("--resume",)):
        assert edgent("new", "flow", "--model", files / "trunk.onnx", *more).code == 2
    assert edgent("new", "flow", "--resume").code == 2
    assert {file: file.read_bytes() for file in files.iterdir()} == before
