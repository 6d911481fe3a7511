"""The table of the study of scale, and the photos that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.studies.scale.measure import PHOTOS, Scale, link_photos, measure
from benchmarks.studies.scale.report import report
from edgent.inputs.photo_folder import photos_in
from tests.photos import COLOURS, labelled

if TYPE_CHECKING:
    from pathlib import Path

LENET = Scale("lenet", 260_000, 1_250_000, 9, 2, 30, 61.5, 9.8, 1.234, 41e-6, 250e-6)


def test_units() -> None:
    """Every figure under its head, in the unit that the head names."""
    (table,) = report([LENET]).tables
    assert dict(zip(table.heads, table.rows[0], strict=True)) == {
        "network": "lenet",
        "MB": "0.26",
        "million MACs": "1.2",
        "layers": "9",
        "exits": "2",
        "plans": "30",
        "decision, steady, µs": "41",
        "decision, hedged, µs": "250",
        "opening s": "1.23",
        "least profile s": "9.8",
        "edgent new s": "62",
    }


def test_a_row_that_is_kept_is_not_measured_again(tmp_path: Path) -> None:
    """It is read, and nothing else is needed."""
    kept = (
        '{"network": "lenet", "size_bytes": 260000, "macs": 1250000, "layers": 9, "exits": 2, "plans": 30, '
    )
    kept += '"new_s": 61.5, "profile_s": 9.8, "opening_s": 1.234, "search_s": 41e-6, "hedged_s": 250e-6}'
    (tmp_path / "lenet.json").write_text(kept)
    told: list[str] = []
    assert measure("lenet", tmp_path, tmp_path / "none", told.append) == LENET
    assert told == []


def test_photos_are_linked(tmp_path: Path) -> None:
    """So many of every class, without labels, the same ones when they are linked again."""
    for part, count in PHOTOS.items():
        labelled(tmp_path / "all" / part, count + 2)
    for _ in range(2):
        linked = link_photos(tmp_path / "all", tmp_path / "some")
    for part, count in PHOTOS.items():
        photos = photos_in(linked / part).photos
        assert len(photos) == count * len(COLOURS)
        assert all(photo.file.is_symlink() and photo.label is None for photo in photos)
