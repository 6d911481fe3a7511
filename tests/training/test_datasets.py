"""The data sets, on generated files, and on the real CIFAR-10 where it is."""

import os
from pathlib import Path

import numpy as np
import pytest

from edgent.errors import DataError
from edgent.training.datasets import CIFAR10_FOLDER, load_test_split, load_train_split

_RECORD = 3073


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
    train, test = load_train_split("digits"), load_test_split("digits")
    assert train.images.shape == (1437, 1, 28, 28)
    assert test.images.shape == (360, 1, 28, 28)
    assert train.images.dtype == np.uint8
    assert (train.images.min(), train.images.max()) == (0, 255)
    assert set(test.labels.tolist()) == set(range(10))


def test_no_digit_is_in_both_splits() -> None:
    """What is held out was never trained on."""
    train, test = load_train_split("digits"), load_test_split("digits")
    seen = {image.tobytes() for image in train.images}
    assert not [image for image in test.images if image.tobytes() in seen]


def test_cifar10_records_are_read(cifar10: Path) -> None:
    """Label byte, then three planes of 32x32 pixels; five files make the training split."""
    train, test = load_train_split("cifar10"), load_test_split("cifar10")
    assert train.images.shape == (50_000, 3, 32, 32)
    assert test.images.shape == (10_000, 3, 32, 32)
    record = np.frombuffer((cifar10 / "data_batch_2.bin").read_bytes(), np.uint8)[7 * _RECORD : 8 * _RECORD]
    assert train.labels[10_007] == record[0] == 8
    assert train.images[10_007].tobytes() == record[1:].tobytes()


@pytest.mark.usefixtures("cifar10")
def test_unknown_data_set_is_named() -> None:
    """The message names the data sets there are."""
    for load in (load_train_split, load_test_split):
        with pytest.raises(DataError, match=r"no data set 'mnist'; there are 'digits' and 'cifar10'"):
            load("mnist")


def test_truncated_file_is_refused(cifar10: Path) -> None:
    """A file cut short is named with its size and the right one."""
    path = cifar10 / "test_batch.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"test_batch\.bin has 30729999 bytes where CIFAR-10 has 30730000"):
        load_test_split("cifar10")


def test_file_of_another_kind_is_refused(cifar10: Path) -> None:
    """A file of the right size with impossible labels is not CIFAR-10."""
    path = cifar10 / "test_batch.bin"
    path.write_bytes(b"\xff" + path.read_bytes()[1:])
    with pytest.raises(DataError, match="label 255"):
        load_test_split("cifar10")


def test_missing_file_says_what_to_do(cifar10: Path) -> None:
    """A missing file is named, and so is the command that fetches it."""
    (cifar10 / "data_batch_4.bin").unlink()
    with pytest.raises(DataError, match=r"data_batch_4\.bin .*`make data`"):
        load_train_split("cifar10")


def test_missing_folder_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without EDGENT_DATA_DIR the message says to set it."""
    monkeypatch.delenv("EDGENT_DATA_DIR", raising=False)
    with pytest.raises(DataError, match=r"set EDGENT_DATA_DIR"):
        load_test_split("cifar10")


@pytest.mark.skipif(
    not Path(os.environ.get("EDGENT_DATA_DIR", ""), CIFAR10_FOLDER).is_dir(),
    reason=f"EDGENT_DATA_DIR has no {CIFAR10_FOLDER}",
)
def test_real_cifar10_is_balanced() -> None:
    """The real test split has a thousand images of each class."""
    assert np.bincount(load_test_split("cifar10").labels).tolist() == [1000] * 10
