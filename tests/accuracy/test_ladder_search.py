"""Picture codecs that evaluation chooses, on the shipped LeNet's digits."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnx import TensorProto

from edgent.accuracy import ladder_search
from edgent.accuracy.codec_accuracy import chosen_input_codecs
from edgent.accuracy.evaluation import evaluate_codecs
from edgent.accuracy.ladder_choice import MeasuredCodec
from edgent.accuracy.ladder_search import chosen, finalists, grid, search_ladder, writable
from edgent.core.codecs import CODECS
from edgent.core.codecs.rung import parsed_name
from edgent.datasets.registry import DATASETS
from edgent.errors import DataError, InputError
from edgent.inputs.labelled import Labelled
from edgent.network import Network
from edgent.shipped import shipped_folder
from edgent.spec import read_spec
from tests.networks import NetworkBuilder
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from pathlib import Path

FEW = {"jpeg": (10, 50), "webp": (30,)}


@pytest.fixture(scope="module")
def lenet(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The shipped LeNet, which leaves the choice of input codecs."""
    spec = read_spec(shipped_folder("pipelines") / "lenet.yaml")
    codecs = spec.codecs.model_copy(update={"input": (), "accuracy": None})
    return Network.open(spec.model_copy(update={"codecs": codecs}), tmp_path_factory.mktemp("lenet"))


@pytest.fixture
def digits() -> Labelled:
    """Some held-out digits."""
    split = DATASETS["digits"].held_out()
    return Labelled.of(split.images[:120], split.labels[:120])


def test_every_rung_of_the_grid_is_a_codec() -> None:
    """Each once, jpeg under its short name."""
    names = grid()
    assert len(set(names)) == len(names) > 40
    assert names[0] == "jpeg"
    assert all(CODECS[name].name == name and parsed_name(name) for name in names[1:])


def test_what_is_clearly_too_bad_is_not_measured_on() -> None:
    """A sample tells that much; the rest is told apart by closeness."""
    codecs = [MeasuredCodec(name, 1_000 + k, 1e-3, 1e-3, 0.5 + k / 10) for k, name in enumerate("abc")]
    assert [codec.name for codec in finalists(codecs, {"a": 0.3, "b": 0.05, "c": 0.0})] == ["c", "b"]
    assert finalists(codecs, dict.fromkeys("abc", 0.5)) == []


def test_what_costs_too_much_on_all_inputs_is_not_kept() -> None:
    """By the accuracies of all compared inputs, not by those of the sample."""
    codecs = [MeasuredCodec(name, 1_000 - k, 1e-3, 1e-3, 0.9) for k, name in enumerate("ab")]
    assert chosen(codecs, {"a": 0.9, "b": 0.7}, 0.92) == ("a",)
    assert chosen(codecs, {"a": 0.9, "b": 0.85}, 0.92) == ("a", "b")


def test_evaluation_chooses_and_says_so(
    lenet: Network, digits: Labelled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Lossless codecs and the rungs that are kept, each with its accuracy at every exit and its bytes."""
    monkeypatch.setattr(ladder_search, "_QUALITIES", FEW)
    told: list[str] = []
    measured = evaluate_codecs(lenet, digits, budget_s=60.0, progress=lambda what, *_: told.append(what))
    assert measured.input_codecs[:2] == ("raw", "webp")
    kept = measured.input_codecs[2:]
    assert 0 < len(kept) <= ladder_search.KEPT
    assert {row.input_codec for row in measured.changes} == {"raw", *kept}
    assert {row.exit for row in measured.changes if row.input_codec in kept} == {*lenet.graph.exit_names}
    assert {row.codec for row in measured.sizes if row.partition_point == 0} == {*measured.input_codecs}
    assert "picture codecs on a sample" in told
    path = tmp_path / "accuracy.yaml"
    measured.write(path)
    codecs = lenet.spec.codecs.model_copy(update={"accuracy": str(path)})
    opened = replace(lenet, spec=lenet.spec.model_copy(update={"codecs": codecs}))
    assert opened.input_codecs == measured.input_codecs


def test_before_evaluation_there_are_the_lossless_ones(lenet: Network) -> None:
    """So a pipeline can be planned for before it is evaluated."""
    assert chosen_input_codecs(lenet.spec, lenet.graph.sha256) == ("raw", "webp")


def test_the_sample_ends_when_the_time_is_up(lenet: Network, digits: Labelled) -> None:
    """After a batch, of which one is always answered."""
    ticks = itertools.count()
    batches = iter(list(digits.batches(4)))
    search_ladder(lenet, batches, "accuracy", budget_s=0.5, clock=lambda: float(next(ticks)))
    assert len(list(batches)) == 120 // 4 - 1


def test_inputs_that_cannot_be_read_are_said_to_be(lenet: Network) -> None:
    """Before codecs are chosen, as with codecs that a spec names."""

    def broken(index: int) -> np.ndarray:
        raise InputError(f"photo {index} holds no picture")

    with pytest.raises(DataError, match="no input can be read; photo 0 holds no picture"):
        evaluate_codecs(lenet, Labelled(3, broken))


def test_no_picture_no_rungs(tmp_path: Path) -> None:
    """Inputs of floats are left to the codecs without loss."""
    net = NetworkBuilder()
    trunk = net.node("Relu", net.conv("image", 3, 4))
    net.classifier(trunk, 4 * 8 * 8, "exit1")
    net.classifier(net.node("Relu", net.conv(trunk, 4, 4)), 4 * 8 * 8, "exit2")
    net.save(tmp_path / "network.onnx", ("exit1", "exit2"), (3, 8, 8), TensorProto.FLOAT)
    spec = write_tiny_spec(tmp_path / "floats", tmp_path / "network.onnx")
    text = spec.read_text().replace("input: {", "input: {dtype: float32, ")
    spec.write_text(text + "codecs: {input: auto, activation: [float32]}\n")
    network = Network.open(read_spec(spec), tmp_path / "cache")
    assert writable(network) == ()
    images = np.zeros((8, *network.graph.input_shape), network.graph.input_dtype)
    measured = evaluate_codecs(network, Labelled.of(images), budget_s=5.0)
    assert measured.input_codecs == ("raw",)
