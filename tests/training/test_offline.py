"""A training from start to end."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from edgent.datasets.dataset import Split
from edgent.datasets.digits import Digits
from edgent.datasets.registry import DATASETS
from edgent.errors import DataError
from edgent.training import offline
from edgent.training.evaluation import accuracies, evaluate_onnx
from edgent.training.offline import TrainingConfig, train


@pytest.fixture
def config(tmp_path: Path) -> TrainingConfig:
    """One epoch of LeNet."""
    return TrainingConfig(
        network="edgent.training.lenet",
        dataset="digits",
        output=tmp_path / "lenet" / "network.onnx",
        checkpoints=tmp_path / "checkpoints",
        epochs=1,
        seed=4,
        threads=1,
    )


def test_record_tells_what_was_done_and_measured(config: TrainingConfig) -> None:
    """The record beside the network has the accuracies of that very file, and its digest."""
    told: list[float] = []
    record = train(config, progress=lambda progress: told.append(progress.share))
    written = yaml.safe_load(config.output.with_name("training.yaml").read_text(encoding="utf-8"))
    assert record.accuracy_test == evaluate_onnx(config.output, "digits") == tuple(written["accuracy_test"])
    assert written["sha256"] == hashlib.sha256(config.output.read_bytes()).hexdigest()
    assert (written["seed"], written["epochs"], written["dataset"]) == (4, 1, "digits")
    assert written["recipe"]["exit_weights"] == [1.0, 0.3]
    assert min(record.accuracy_train) > 0.2
    assert told == sorted(told)
    assert told


def test_exit_weights_of_the_run_replace_the_recipes(config: TrainingConfig) -> None:
    """An exit of weight nothing learns nothing but by chance."""
    record = train(replace(config, exit_weights=(0.0, 1.0)), progress=lambda _: None)
    assert record.recipe["exit_weights"] == [0.0, 1.0]
    assert record.accuracy_test[0] < record.accuracy_test[1]


def test_finished_training_resumed_only_exports_again(config: TrainingConfig) -> None:
    """Resuming what is finished trains no more and gives the same file."""
    first = train(config, progress=lambda _: None)
    again = train(replace(config, resume=True), progress=lambda _: pytest.fail("trained on"))
    assert (again.sha256, again.epochs) == (first.sha256, first.epochs)


@pytest.mark.parametrize("name", ["edgent.training.resnet", "json", "no such module"])
def test_a_module_that_is_no_network_is_refused(config: TrainingConfig, name: str) -> None:
    """The message says what a network module offers."""
    with pytest.raises(DataError, match=r"cannot train .*build\(\) and RECIPE"):
        train(replace(config, network=name), progress=lambda _: None)


def test_exit_weights_must_match_the_exits(config: TrainingConfig) -> None:
    """One weight per exit."""
    with pytest.raises(DataError, match="3 exit weights for the 2 exits"):
        train(replace(config, exit_weights=(1.0, 1.0, 1.0)), progress=lambda _: None)


class _Colour:
    """A data set of one colour image."""

    def train(self) -> Split:
        return Split(np.zeros((1, 3, 32, 32), dtype=np.uint8), np.zeros(1, dtype=np.int64))

    held_out = train


def test_images_must_fit_the_network(config: TrainingConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data set of other images is refused before anything is trained."""
    monkeypatch.setattr(DATASETS, "_items", dict(DATASETS._items))
    DATASETS.add("colour", _Colour())
    with pytest.raises(DataError, match=r"shape \(3, 32, 32\), .* takes \(1, 28, 28\)"):
        train(replace(config, dataset="colour"), progress=lambda _: None)


def test_one_split_is_trained_on_and_the_other_measured(config: TrainingConfig) -> None:
    """Accuracies differ between the splits: the record has both, each from its own images."""
    record = train(config, progress=lambda _: None)
    assert record.accuracy_train == accuracies(config.output, Digits().train())
    assert record.accuracy_test == accuracies(config.output, Digits().held_out())


def test_a_training_stopped_while_it_measures_leaves_the_network_before(
    config: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The spec still fits it; what was trained is in the checkpoint, from which --resume writes it."""
    config.output.parent.mkdir()
    config.output.write_bytes(b"before")

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(offline, "accuracies", stopped)
        with pytest.raises(KeyboardInterrupt):
            train(config, progress=lambda _: None)
    assert [file.read_bytes() for file in config.output.parent.iterdir()] == [b"before"]
    record = train(replace(config, resume=True), progress=lambda _: pytest.fail("trained on"))
    assert record.sha256 == hashlib.sha256(config.output.read_bytes()).hexdigest()
