"""Files of pictures that are cut short are told from whole ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from device_runtime.streams.file_end import has_its_end

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_a_file_that_is_cut_short_has_no_end(tmp_path: Path, kind: str) -> None:
    """Wherever that is, once its format can be told."""
    file = tmp_path / "picture"
    Image.new("RGB", (40, 30), (200, 30, 30)).save(file, kind)
    content = file.read_bytes()
    assert has_its_end(file)
    for length in (8, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:length])
        assert not has_its_end(file), length


def test_other_files_end_anyhow(tmp_path: Path) -> None:
    """Their formats do not say how; and a file that is not there says so to whoever reads it."""
    file = tmp_path / "picture.bmp"
    Image.new("RGB", (40, 30)).save(file, "BMP")
    for content in (file.read_bytes(), file.read_bytes()[:60], b"BM", b""):
        file.write_bytes(content)
        assert has_its_end(file)
    assert has_its_end(tmp_path / "nowhere.jpg")
    assert has_its_end(tmp_path)
