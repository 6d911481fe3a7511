"""The folder of a deployment's secrets: nobody else enters it, and git leaves it out."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def make_secrets_folder(folder: Path, *, with_token: bool) -> None:
    """Make the folder; what is in it stays.

    Args:
        folder: where it is to be.
        with_token: whether it gets ``tokens`` with a first one, where there is no such file.
    """
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    _write_new(folder / ".gitignore", "*\n")
    if with_token:
        _write_new(folder / "tokens", secrets.token_urlsafe(32) + "\n")


def _write_new(file: Path, text: str) -> None:
    """Write a file for its owner alone, unless it is there."""
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(opened, "w", encoding="ascii") as stream:
        stream.write(text)
