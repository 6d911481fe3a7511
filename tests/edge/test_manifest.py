"""A manifest that somebody edited is refused in a sentence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from edgent.edge.manifest import MANIFEST, read_store
from edgent.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = {"name": "net", "size_bytes": 1, "sha256": "00", "workers": 1, "response_timeout_s": 20}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"archives": [ENTRY | {"name": "a\0b"}]}),
        pytest.param('{"archives": [{"size_bytes": 9}]}'.replace("9", "9" * 5000), id="many digits"),
        json.dumps({"archives": [{"name": "net"}]}),
        "[]",
        "",
    ],
)
def test_what_is_no_manifest(tmp_path: Path, text: str) -> None:
    """Names that no file has, numbers that Python does not read, entries that lack something."""
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(ArchiveError, match="no readable manifest"):
        read_store(tmp_path)
