"""Arrays of archives that say how large they become."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.errors import DataError, InputError
from edgent.inputs.contents import array_of, arrays_in
from edgent.inputs.labelled import read_labelled
from edgent.shipped import shipped_pipelines
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_BYTES = 100_000


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small file whose second array becomes larger than is read."""
    monkeypatch.setattr("edgent.inputs.archived_array.LARGEST_ARRAY_BYTES", LARGEST_BYTES)
    file = tmp_path / "arrays.npz"
    np.savez_compressed(file, labels=np.zeros(3, np.int64), images=np.zeros(2 * LARGEST_BYTES, np.uint8))
    assert file.stat().st_size < LARGEST_BYTES / 10
    return file


def _refuse_to_open(*_: object) -> None:
    raise AssertionError("it was unpacked")


def test_an_array_that_becomes_too_large_is_not_unpacked(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The smaller ones beside it are read."""
    assert array_of(archive, "labels").tolist() == [0, 0, 0]
    arrays = arrays_in(archive)
    assert next(arrays)[0] == "labels"
    monkeypatch.setattr(zipfile.ZipFile, "open", _refuse_to_open)
    said = "array images takes 200,128 bytes unpacked, at most 100,000 are read"
    with pytest.raises(InputError, match=said):
        next(arrays)
    with pytest.raises(InputError, match=said):
        array_of(archive, "images")
    with pytest.raises(DataError, match=said):
        read_labelled(archive, read_spec(shipped_pipelines()["lenet"]))
