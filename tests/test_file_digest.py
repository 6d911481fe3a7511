"""The digest of a file, as `sha256sum` has it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from edgent.file_digest import file_digest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("size_bytes", [0, 1, 1 << 20, (1 << 20) + 1])
def test_it_is_that_of_the_content(tmp_path: Path, size_bytes: int) -> None:
    """Whether it is read at once or in pieces."""
    content = bytes(range(256)) * (size_bytes // 256 + 1)
    (tmp_path / "file").write_bytes(content[:size_bytes])
    assert file_digest(tmp_path / "file") == hashlib.sha256(content[:size_bytes]).hexdigest()
