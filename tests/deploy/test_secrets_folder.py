"""Secrets: who may read them, and that they stay."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from edgent.deploy.secrets_folder import make_secrets_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_for_its_owner_alone(tmp_path: Path) -> None:
    """Folder and files, whatever a shell's mask is."""
    before = os.umask(0)
    try:
        make_secrets_folder(tmp_path / "secrets", with_token=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "secrets").iterdir()} == {
        ".gitignore": 0o600,
        "tokens": 0o600,
    }


def test_what_is_there_stays(tmp_path: Path) -> None:
    """Tokens that somebody wrote, and what git leaves out."""
    make_secrets_folder(tmp_path / "secrets", with_token=False)
    assert not (tmp_path / "secrets" / "tokens").exists()
    (tmp_path / "secrets" / "tokens").write_text("mine\n", encoding="ascii")
    (tmp_path / "secrets" / ".gitignore").write_text("*\n!ca.pem\n", encoding="ascii")
    make_secrets_folder(tmp_path / "secrets", with_token=True)
    assert (tmp_path / "secrets" / "tokens").read_text(encoding="ascii") == "mine\n"
    assert (tmp_path / "secrets" / ".gitignore").read_text(encoding="ascii") == "*\n!ca.pem\n"
