"""The tag of an edge's image: another one for each thing that goes into the image, and for nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.deploy.image_tag import image_tag
from edgent.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {"Dockerfile.edge": "FROM base\n", "archives/config.properties": "a=1\n", "haproxy.cfg": "global\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two archives and a wheel."""
    for name in ("archives/one.mar", "archives/two.mar", "wheels/edgent-1.whl", "pipeline/net.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="ascii")
    return tmp_path


def test_it_begins_with_the_version(folder: Path) -> None:
    """And is one that registries take."""
    version, _, digest = image_tag("0123456789ab", folder, TEXTS).partition("-")
    assert version == "0123456789ab"
    assert len(digest) == 12


@pytest.mark.parametrize("name", ["archives/one.mar", "archives/two.mar", "wheels/edgent-1.whl"])
def test_each_file_counts(folder: Path, name: str) -> None:
    """Changed, and under another name."""
    before = image_tag("1", folder, TEXTS)
    (folder / name).write_text("another", encoding="ascii")
    changed = image_tag("1", folder, TEXTS)
    (folder / name).rename((folder / name).with_name("renamed"))
    assert len({before, changed, image_tag("1", folder, TEXTS)}) == 3


@pytest.mark.parametrize("name", ["Dockerfile.edge", "archives/config.properties"])
def test_each_text_counts(folder: Path, name: str) -> None:
    """In place of what lies there from an earlier run."""
    before = image_tag("1", folder, TEXTS)
    assert image_tag("1", folder, TEXTS | {name: "another"}) != before
    (folder / name).write_text("of the run before", encoding="ascii")
    assert image_tag("1", folder, TEXTS) == before


def test_nothing_else_counts(folder: Path) -> None:
    """Neither the proxy's configuration nor what devices get."""
    before = image_tag("1", folder, TEXTS)
    (folder / "pipeline" / "net.yaml").write_text("another", encoding="ascii")
    assert image_tag("1", folder, TEXTS | {"haproxy.cfg": "another"}) == before


def test_a_file_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named."""

    def refuse(file: Path) -> str:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr("edgent.deploy.image_tag.file_digest", refuse)
    with pytest.raises(ArchiveError, match=r"cannot read .*archives.* for the image: Permission denied"):
        image_tag("1", folder, {})
