"""Packages of others that this process can import, for what archives carry of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.core.codecs.codec_registry import CodecRegistry


@pytest.fixture
def site(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    codecs: CodecRegistry,  # noqa: ARG001  what a package declares goes with the test
) -> Iterator[Path]:
    """A folder of packages that this process can import."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    known = set(sys.modules)
    yield site
    for name in set(sys.modules) - known:
        if name.startswith("made_up"):
            del sys.modules[name]
