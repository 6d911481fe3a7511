"""TorchServe's tokens: made anew by its management API, which writes them where it was started."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Literal

from edgent.edge.management import Management
from edgent.errors import TorchServeError
from edgent.key_file import read_token_file
from edgent.server_url import ServerUrl

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.key_file import Token

TokenKind = Literal["inference", "management"]


def renew_token(management_url: str, key_file: Path, kind: TokenKind, ca_file: Path | None = None) -> Token:
    """Have TorchServe make a new token; the one before is refused from then on.

    Args:
        management_url: of its management API, on loopback, or over https.
        key_file: its own key_file.json, which holds the API key; TorchServe writes the new token into it.
        kind: for predictions, or for management.
        ca_file: certificate authority for https, in PEM; the system's when None.

    Raises:
        TorchServeError: the API key would be sent in the clear, the file is not the server's, or the server
            makes no token.
        EdgeUnreachableError: the address is none of a server.
    """
    address = ServerUrl.parse(management_url, "http")
    if address.in_the_clear:
        raise TorchServeError(
            f"management address {management_url}: the API key is not sent to another machine over plain "
            f"http, as others can read it; run edgent token on {address.host}, at http://127.0.0.1:{address.port}"
        )
    before, api_key = _read(key_file, kind)
    Management(management_url, api_key, ca_file).renew_token(kind)
    token, _ = _read(key_file, kind)
    if token.key == before.key:
        raise TorchServeError(
            f"{key_file} did not change when the server at {management_url} made a new token: it is a copy; "
            "name the key_file.json in the folder where TorchServe was started"
        )
    return token


def check_token_file(file: Path, key_file: Path) -> None:
    """See that a token can be written, before the one before is refused for a new one.

    Raises:
        TorchServeError: the file is TorchServe's own, or no file can be there.
    """
    if file.exists() and (not file.is_file() or _is_printed_to(file)):
        what = "is a folder" if file.is_dir() else "is no file of its own"
        raise TorchServeError(f"--out {file} {what}: name a file, or use --print; no token was renewed")
    if not file.resolve().parent.is_dir():
        raise TorchServeError(
            f"--out {file} lies in no folder that is there: name a file; no token was renewed"
        )
    if file.resolve() == key_file.expanduser().resolve():
        raise TorchServeError(f"--out {file} is TorchServe's own: name another file; no token was renewed")
    if not os.access(file.resolve().parent, os.W_OK):
        raise TorchServeError(f"--out {file}: its folder cannot be written; no token was renewed")


def write_token(token: Token, file: Path) -> None:
    """Write a token alone, readable by its owner; the file appears whole or not at all.

    A link stays, and what it leads to gets the token.

    Raises:
        TorchServeError: the file cannot be written.
    """
    target = file.resolve()
    unfinished = target.with_name(f".{target.name}.new")
    try:
        unfinished.unlink(missing_ok=True)
        opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="ascii") as stream:
            stream.write(f"{token.key}\n")
        unfinished.replace(target)
    except OSError as error:
        raise TorchServeError(f"cannot write the token to {file}: {error.strerror}") from None


def _is_printed_to(file: Path) -> bool:
    """Whether a file is this command's output, by whatever name: a new file would take its place."""
    with contextlib.suppress(OSError):  # the output is closed
        return any(os.path.samestat(file.stat(), os.fstat(output)) for output in (1, 2))
    return False


def _read(file: Path, kind: TokenKind) -> tuple[Token, str]:
    """The token of a kind, and the API key."""
    try:
        held = read_token_file(file)
    except OSError as error:
        raise TorchServeError(
            f"{file}: {error.strerror or error}; name with --key-file the key_file.json that TorchServe "
            "writes where it is started"
        ) from None
    except ValueError:
        held = ""
    token = None if isinstance(held, str) else getattr(held, kind)
    if isinstance(held, str) or held.api is None or token is None:
        raise TorchServeError(f"{file} is no key_file.json of TorchServe: it holds no API key")
    return token, held.api.key
