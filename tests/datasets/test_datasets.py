"""The data sets, on generated files, and on the real CIFAR-10 where it is."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.datasets.cifar10 import CIFAR10_FOLDER, Cifar10
from edgent.datasets.digits import Digits
from edgent.datasets.registry import DATASETS
from edgent.errors import DataError, UnknownNameError
from edgent.spec import read_spec

if TYPE_CHECKING:
    from tests.package_fixtures import MadeUpPackage

_RECORD = 3073
SPEC = """
version: 1
name: tiny
model: {file: network.onnx}
input: {shape: [1, 2, 2], labels: [a, b]}
exits: [{name: exit1}]
"""


@pytest.fixture
def cifar10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A generated CIFAR-10 whose six files hold random records; its folder."""
    folder = tmp_path / CIFAR10_FOLDER
    folder.mkdir()
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (10_000, _RECORD), dtype=np.uint8)
    for number, name in enumerate([*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]):
        pixels[:, 0] = (np.arange(10_000) + number) % 10
        (folder / name).write_bytes(pixels.tobytes())
    monkeypatch.setenv("EDGENT_DATA_DIR", str(tmp_path))
    return folder


def test_digits_are_split_and_scaled() -> None:
    """A fifth of the 1797 digits is held out; all are 28x28 grey images using the full range."""
    train, held_out = Digits().train(), Digits().held_out()
    assert train.images.shape == (1437, 1, 28, 28)
    assert held_out.images.shape == (360, 1, 28, 28)
    assert train.images.dtype == np.uint8
    assert (train.images.min(), train.images.max()) == (0, 255)
    assert set(held_out.labels.tolist()) == set(range(10))


def test_no_digit_is_in_both_splits() -> None:
    """What is held out was never trained on."""
    train, held_out = Digits().train(), Digits().held_out()
    seen = {image.tobytes() for image in train.images}
    assert not [image for image in held_out.images if image.tobytes() in seen]


def test_cifar10_records_are_read(cifar10: Path) -> None:
    """Label byte, then three planes of 32x32 pixels; five files make the training split."""
    train, held_out = Cifar10().train(), Cifar10().held_out()
    assert train.images.shape == (50_000, 3, 32, 32)
    assert held_out.images.shape == (10_000, 3, 32, 32)
    record = np.frombuffer((cifar10 / "data_batch_2.bin").read_bytes(), np.uint8)[7 * _RECORD : 8 * _RECORD]
    assert train.labels[10_007] == record[0] == 8
    assert train.images[10_007].tobytes() == record[1:].tobytes()


def test_an_unknown_data_set_gets_the_nearest_or_all() -> None:
    """The message names what there is."""
    with pytest.raises(UnknownNameError, match=r"^no data set 'cifra10'; did you mean 'cifar10'\?$"):
        DATASETS["cifra10"]
    with pytest.raises(UnknownNameError, match=r"^no data set 'flowers'; there are cifar10, digits$"):
        DATASETS["flowers"]


PACKAGE = """
import numpy as np
from edgent.datasets.dataset import Split

class Noise:
    def train(self):
        return Split(np.zeros((4, 1, 2, 2), np.uint8), np.arange(4))

    def held_out(self):
        return Split(np.ones((2, 1, 2, 2), np.uint8), np.arange(2))

NOISE = Noise()
"""


def test_an_installed_package_adds_a_data_set(made_up_package: MadeUpPackage, tmp_path: Path) -> None:
    """One file and one entry: the spec may name it, and its splits are read."""
    made_up_package(DATASETS, "noise = made_up:NOISE", PACKAGE)
    spec = tmp_path / "spec.yaml"
    training = "training: {network: edgent.training.lenet, dataset: noise}"
    spec.write_text(f"{SPEC}{training}\n", encoding="utf-8")
    pipeline = read_spec(spec)
    assert pipeline.training is not None
    dataset = DATASETS[pipeline.training.dataset]
    assert (len(dataset.train().images), len(dataset.held_out().images)) == (4, 2)


def test_a_spec_may_name_a_data_set_that_is_not_here(tmp_path: Path) -> None:
    """A device reads the spec of a network that was trained elsewhere, on a package's data set."""
    spec = tmp_path / "spec.yaml"
    spec.write_text(f"{SPEC}training: {{network: edgent.training.lenet, dataset: noise}}\n", encoding="utf-8")
    training = read_spec(spec).training
    assert training is not None
    with pytest.raises(UnknownNameError, match="no data set 'noise'"):
        DATASETS[training.dataset]


def test_truncated_file_is_refused(cifar10: Path) -> None:
    """A file cut short is named with its size and the right one."""
    path = cifar10 / "test_batch.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"test_batch\.bin has 30729999 bytes where CIFAR-10 has 30730000"):
        Cifar10().held_out()


def test_file_of_another_kind_is_refused(cifar10: Path) -> None:
    """A file of the right size with impossible labels is not CIFAR-10."""
    path = cifar10 / "test_batch.bin"
    path.write_bytes(b"\xff" + path.read_bytes()[1:])
    with pytest.raises(DataError, match="label 255"):
        Cifar10().held_out()


def test_missing_file_says_what_to_do(cifar10: Path) -> None:
    """A missing file is named, and so is the command that fetches it."""
    (cifar10 / "data_batch_4.bin").unlink()
    with pytest.raises(DataError, match=r"data_batch_4\.bin .*`edgent data`"):
        Cifar10().train()


@pytest.mark.usefixtures("cifar10")
def test_a_file_of_somebody_else_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size may be seen, and it may not be read; for root, who may read all, numpy says so here."""

    def refused(path: Path, **_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(np, "fromfile", refused)
    with pytest.raises(DataError, match=r"cannot read .*test_batch\.bin \(Permission denied\)"):
        Cifar10().held_out()


def test_missing_folder_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without EDGENT_DATA_DIR the message says to set it."""
    monkeypatch.delenv("EDGENT_DATA_DIR", raising=False)
    with pytest.raises(DataError, match=r"set EDGENT_DATA_DIR"):
        Cifar10().held_out()


@pytest.mark.skipif(
    not Path(os.environ.get("EDGENT_DATA_DIR", ""), CIFAR10_FOLDER).is_dir(),
    reason=f"EDGENT_DATA_DIR has no {CIFAR10_FOLDER}",
)
def test_real_cifar10_is_balanced() -> None:
    """The real test split has a thousand images of each class."""
    assert np.bincount(Cifar10().held_out().labels).tolist() == [1000] * 10
