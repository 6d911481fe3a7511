"""The tokens that a device or an operator has: from the environment or from TorchServe's key_file.json."""

from __future__ import annotations

import datetime as dt  # noqa: TC003  pydantic reads the fields' types
import os
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field, ValidationError

from edgent.doctor.observations import Keys

if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "EDGENT_TOKEN"
_LARGEST_BYTES = 64 * 1024


class _Key(BaseModel):
    key: str
    expires: dt.datetime = Field(alias="expiration time")


class _KeyFile(BaseModel):
    """What TorchServe writes into key_file.json, as far as it matters here."""

    inference: _Key
    management: _Key


def read_keys(file: Path | None) -> Keys:
    """The keys in a file; the environment's inference token comes first.

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
        with file.expanduser().open(encoding="utf-8") as text:
            content = text.read(_LARGEST_BYTES).strip()
    except (OSError, UnicodeDecodeError, RuntimeError) as error:  # the last: no such user's home
        return Keys(str(file), problem=f"{file} cannot be read ({error})")
    if not content.startswith("{"):
        return Keys(str(file), content or None, problem=None if content else f"{file} is empty")
    try:
        keys = _KeyFile.model_validate_json(content)
    except ValidationError:
        return Keys(str(file), problem=f"{file} is no key_file.json of TorchServe")
    return Keys(str(file), keys.inference.key, keys.management.key, keys.inference.expires)
