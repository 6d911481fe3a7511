"""Accuracy of an exported network's exits."""

import hashlib
import os
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from onnx import TensorProto, helper

from edgent.datasets.cifar10 import CIFAR10_FOLDER
from edgent.datasets.dataset import Split
from edgent.errors import ModelError
from edgent.training.evaluation import accuracies, evaluate_onnx


@pytest.fixture
def reader(tmp_path: Path) -> Path:
    """A graph whose first exit answers with the image's ten pixels, whose second with their negatives."""
    nodes = [
        helper.make_node("Cast", ["image"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["float"], ["exit1"]),
        helper.make_node("Neg", ["exit1"], ["exit2"]),
    ]
    graph = helper.make_graph(
        nodes,
        "reader",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", 1, 2, 5])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 10]) for name in ("exit1", "exit2")],
    )
    path = tmp_path / "network.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_accuracy_counts_right_answers_of_each_exit(reader: Path) -> None:
    """One image in four is labelled wrongly for the first exit; the second is always wrong."""
    labels = np.arange(600) % 10
    images = np.zeros((600, 10), dtype=np.uint8)
    images[np.arange(600), (labels + (np.arange(600) % 4 == 3)) % 10] = 200
    split = Split(images.reshape(-1, 1, 2, 5), labels)
    assert accuracies(reader, split) == (0.75, pytest.approx(0.0, abs=0.2))
    assert accuracies(reader.read_bytes(), split) == accuracies(reader, split)


@pytest.mark.parametrize(
    "pipeline",
    [
        "lenet",
        pytest.param(
            "alexnet",
            marks=pytest.mark.skipif(
                not Path(os.environ.get("EDGENT_DATA_DIR", ""), CIFAR10_FOLDER).is_dir(),
                reason=f"EDGENT_DATA_DIR has no {CIFAR10_FOLDER}",
            ),
        ),
    ],
)
def test_shipped_network_is_as_good_as_its_record(pipeline: str) -> None:
    """The record is this file's and holds when measured again; no exit is worse than the one before."""
    path = Path(__file__).parents[2] / "pipelines" / pipeline / "network.onnx"
    record = yaml.safe_load(path.with_name("training.yaml").read_text(encoding="utf-8"))
    measured = evaluate_onnx(path, record["dataset"])
    assert record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert measured == pytest.approx(record["accuracy_test"], abs=0.001)
    assert list(measured) == sorted(measured)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    """A missing or malformed file has a clear answer."""
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    for name in ("broken.onnx", "missing.onnx"):
        with pytest.raises(ModelError, match=f"cannot load .*{name}"):
            evaluate_onnx(tmp_path / name, "digits")
