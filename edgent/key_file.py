"""Files of tokens: TorchServe's key_file.json, or one that holds nothing but a token."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, Field

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST_BYTES = 64 * 1024


def _in_utc(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.timezone.utc)


class Token(BaseModel, frozen=True):
    """A token, and until when TorchServe takes it; a time without a zone is in UTC, as TorchServe's are."""

    key: str = Field(repr=False)
    expires: Annotated[dt.datetime, AfterValidator(_in_utc)] | None = Field(
        default=None, alias="expiration time"
    )


class ApiKey(BaseModel, frozen=True):
    """With which tokens are renewed."""

    key: str = Field(repr=False)


class KeyFile(BaseModel, frozen=True):
    """TorchServe's key_file.json; what a device needs none of may be taken out."""

    inference: Token
    management: Token | None = None
    api: ApiKey | None = Field(default=None, alias="API")


def read_token_file(file: Path) -> KeyFile | str:
    """What a file of tokens holds: TorchServe's keys, or all of its text without blanks around it.

    Raises:
        OSError: it cannot be read, or is no text.
        ValueError: it begins as JSON does, and is no key_file.json; the message may show a token.
    """
    try:
        with file.expanduser().open(encoding="utf-8") as text:
            content = text.read(_LARGEST_BYTES).strip()
    except (UnicodeDecodeError, RuntimeError) as error:  # the latter: no such user's home
        raise OSError(str(error)) from None
    return KeyFile.model_validate_json(content) if content.startswith("{") else content
