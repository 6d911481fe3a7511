"""The tokens that a device or an operator has: from the environment or from TorchServe's key_file.json."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from edgent.bearer_token import VARIABLE, is_token
from edgent.doctor.observations import Keys
from edgent.key_file import read_token_file

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = "nowhere"
"""The source of keys where no file is named."""
_REFUSED = "holds more than one token, or characters that no token has: name a file with the token alone"


def read_keys(file: Path | None) -> Keys:
    """The keys in a file; the environment's inference token comes first.

    Args:
        file: TorchServe's key_file.json, or a file that holds nothing but the inference token.
    """
    from_environment = os.environ.get(VARIABLE)
    keys = _from_file(file) if file else Keys(NOWHERE, problem="no token is named")
    if from_environment is None:
        return keys
    token = from_environment.strip()
    if not is_token(token):
        return replace(keys, source=VARIABLE, inference=None, expires=None, problem=f"{VARIABLE} {_REFUSED}")
    return replace(keys, source=VARIABLE, inference=token, expires=None, problem=None)


def _from_file(file: Path) -> Keys:
    try:
        held = read_token_file(file)
    except OSError as error:
        return Keys(str(file), problem=f"{file} cannot be read ({error})")
    except ValueError:
        return Keys(str(file), problem=f"{file} is no key_file.json of TorchServe")
    if not held:
        return Keys(str(file), problem=f"{file} is empty")
    if isinstance(held, str):
        return Keys(str(file), held) if is_token(held) else Keys(str(file), problem=f"{file} {_REFUSED}")
    management = held.management.key if held.management else None
    return Keys(str(file), held.inference.key, management, held.inference.expires, key_file=str(file))
