"""The cache on disk: what was read and cut from a model file, kept under the file's digest.

A new model never meets what was made from an old one.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from edgent.errors import ModelError


def default_cache() -> Path:
    """``$XDG_CACHE_HOME/edgent``, by default ``~/.cache/edgent``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edgent"


def model_folder(sha256: str, cache: Path | None) -> Path:
    """The folder of a model in a cache, by default in :func:`default_cache`."""
    return (cache or default_cache()) / sha256[:16]


def short_digest(*names: str) -> str:
    """Sixteen digits that stand for some names in the name of a file."""
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:16]


def write_whole(file: Path, content: bytes | bytearray) -> None:
    """Write a file whole or not at all: several processes may fill the cache at once.

    Raises:
        ModelError: it cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as temporary:
            unfinished = Path(temporary.name)
            try:
                temporary.write(content)
                temporary.flush()  # here, and not on closing, a full disk is noticed
                unfinished.replace(file)
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise ModelError(
            f"cannot write the cache {file}: {error.strerror}; set XDG_CACHE_HOME to a writable folder"
        ) from error
