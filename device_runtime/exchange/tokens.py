"""The bearer token: from the environment, or from a file that is read again when the edge rejects it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from edgent.bearer_token import VARIABLE, is_token
from edgent.errors import TokenError
from edgent.key_file import read_token_file

if TYPE_CHECKING:
    from pathlib import Path


def read_token(file: Path | None) -> str | None:
    """The inference token, from the environment first; None when neither it nor the spec has one.

    Args:
        file: TorchServe's key_file.json, or a file that holds nothing but the token.

    Raises:
        TokenError: the file cannot be read or holds no token. The message never shows a token.
    """
    token = os.environ.get(VARIABLE)
    source = file if token is None else VARIABLE
    if token is None and file is not None:
        token = _of_file(file)
    if token is None:
        return None
    token = token.strip()
    if not is_token(token):
        raise TokenError(f"the token from {source} is empty or holds characters that no token has")
    return token


def _of_file(file: Path) -> str:
    try:
        held = read_token_file(file)
    except OSError as error:
        raise TokenError(
            f"{file}: no readable token ({error}); TorchServe writes key_file.json where it is started: "
            f"name it in edge.token_file, or set {VARIABLE}"
        ) from None
    except ValueError:
        raise TokenError(f"{file}: no inference key in it; it should be TorchServe's key_file.json") from None
    return held if isinstance(held, str) else held.inference.key
