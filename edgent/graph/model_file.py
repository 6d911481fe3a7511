"""The bytes of a model file, capped before memory is taken."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from edgent.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

MAX_MODEL_BYTES = 512 * 1024**2


def read_model_file(path: Path) -> tuple[bytes, str]:
    """Read a model file.

    Returns:
        Its bytes and their sha256 in hexadecimal.

    Raises:
        ModelError: missing, unreadable, or larger than ``MAX_MODEL_BYTES``.
    """
    try:
        size_bytes = path.stat().st_size
        if size_bytes > MAX_MODEL_BYTES:
            raise ModelError(
                f"{path} has {size_bytes:,} bytes, the limit is {MAX_MODEL_BYTES:,}: use a smaller network"
            )
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"cannot read the model {path}: {error.strerror}; check model.file in the spec, "
            "or make it with `edgent train`"
        ) from error
    return content, hashlib.sha256(content).hexdigest()
