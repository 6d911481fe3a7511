"""The tokens that a device or an operator has: from the environment or from TorchServe's key_file.json."""

from __future__ import annotations

import datetime as dt  # noqa: TC003  pydantic reads the fields' types
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field, ValidationError

from edgent.bearer_token import is_token
from edgent.doctor.observations import Keys

if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "EDGENT_TOKEN"
_LARGEST_BYTES = 64 * 1024
_REFUSED = "holds more than one token, or characters that no token has: name a file with the token alone"


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
    token = from_environment.strip()
    if not is_token(token):
        return replace(keys, source=VARIABLE, inference=None, expires=None, problem=f"{VARIABLE} {_REFUSED}")
    return replace(keys, source=VARIABLE, inference=token, expires=None, problem=None)


def _from_file(file: Path) -> Keys:
    try:
        with file.expanduser().open(encoding="utf-8") as text:
            content = text.read(_LARGEST_BYTES).strip()
    except (OSError, UnicodeDecodeError, RuntimeError) as error:  # the last: no such user's home
        return Keys(str(file), problem=f"{file} cannot be read ({error})")
    if not content:
        return Keys(str(file), problem=f"{file} is empty")
    if not content.startswith("{"):
        if not is_token(content):
            return Keys(str(file), problem=f"{file} {_REFUSED}")
        return Keys(str(file), content)
    try:
        keys = _KeyFile.model_validate_json(content)
    except ValidationError:
        return Keys(str(file), problem=f"{file} is no key_file.json of TorchServe")
    return Keys(
        str(file), keys.inference.key, keys.management.key, keys.inference.expires, key_file=str(file)
    )
