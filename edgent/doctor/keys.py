"""The tokens that a device or an operator has: from the environment, or from TorchServe's key_file.json."""

from __future__ import annotations

import datetime as dt
import json
import os
from typing import TYPE_CHECKING

from edgent.doctor.observations import Keys

if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "EDGENT_TOKEN"
_LARGEST_BYTES = 64 * 1024


def read_keys(file: Path | None) -> Keys:
    """All keys in a file, as far as there are any; the inference token of the environment comes first.

    Args:
        file: TorchServe's key_file.json, or a file that holds nothing but the inference token.
    """
    from_environment = os.environ.get(VARIABLE)
    keys = _from_file(file) if file else Keys("nowhere", problem="no token is named")
    if from_environment is None:
        return keys
    return Keys(VARIABLE, from_environment.strip(), keys.management)


def _from_file(file: Path) -> Keys:
    try:
        with file.open(encoding="utf-8") as text:
            content = text.read(_LARGEST_BYTES).strip()
    except (OSError, UnicodeDecodeError) as error:
        return Keys(str(file), problem=f"{file} cannot be read ({error})")
    if not content.startswith("{"):
        return Keys(str(file), content or None, problem=None if content else f"{file} is empty")
    try:
        sections = json.loads(content)
        inference, management = sections["inference"], sections["management"]
        return Keys(str(file), inference["key"], management["key"], _moment(inference["expiration time"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return Keys(str(file), problem=f"{file} is no key_file.json of TorchServe")


def _moment(text: str) -> dt.datetime:
    """``2026-11-23T15:39:31.945052022Z``, to the second."""
    return dt.datetime.fromisoformat(text[:19]).replace(tzinfo=dt.timezone.utc)
