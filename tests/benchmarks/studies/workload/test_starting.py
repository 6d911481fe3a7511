"""What the study needs before it asks anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from benchmarks.studies.study import PIPELINES
from benchmarks.studies.workload.starting import check_photos, draw_photos
from edgent.errors import DataError
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path


def test_missing_photos_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each folder in turn, with what has to be in it."""
    monkeypatch.setenv("EDGENT_DATA_DIR", str(tmp_path))
    pipeline = read_spec(PIPELINES / "flowers.yaml")
    for name in ("train", "held_out"):
        with pytest.raises(DataError, match=rf"flowers/{name} is not there: .*\(daisy, dandelion, rose"):
            check_photos(pipeline)
        (tmp_path / "flowers" / name).mkdir(parents=True)
    check_photos(pipeline)


def test_too_few_photos_are_no_workload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One photo that is asked again and again would be reported as many."""
    monkeypatch.setenv("EDGENT_DATA_DIR", str(tmp_path))
    for folder in ("train", "held_out/rose"):
        (tmp_path / "flowers" / folder).mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(tmp_path / "flowers" / "held_out" / "rose" / "1.png")
    with pytest.raises(DataError, match="has 1 photos, and this study asks 8 different ones"):
        draw_photos(read_spec(PIPELINES / "flowers.yaml"), 8)
