"""Tokens from a file or from the environment, and what is said when there are none."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from edgent.bearer_token import VARIABLE
from edgent.doctor.keys import read_keys

KEY_FILE = {
    "management": {"key": "mmm", "expiration time": "2026-11-23T15:39:31.945063229Z"},
    "inference": {"key": "iii", "expiration time": "2026-11-23T15:39:31.945052022Z"},
    "API": {"key": "aaa"},
}


@pytest.fixture(autouse=True)
def _no_token_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def test_key_file(tmp_path: Path) -> None:
    """TorchServe's own file has both keys and says how long they last."""
    file = tmp_path / "key_file.json"
    file.write_text(json.dumps(KEY_FILE))
    keys = read_keys(file)
    assert (keys.inference, keys.management, keys.problem) == ("iii", "mmm", None)
    assert keys.expires == dt.datetime(2026, 11, 23, 15, 39, 31, 945_052, tzinfo=dt.timezone.utc)


def test_a_time_without_a_zone_is_in_utc(tmp_path: Path) -> None:
    """As TorchServe's are: what is made of it can be compared with now."""
    file = tmp_path / "key_file.json"
    file.write_text(json.dumps(KEY_FILE).replace("945052022Z", "945052022"))
    assert read_keys(file).expires == dt.datetime(2026, 11, 23, 15, 39, 31, 945_052, tzinfo=dt.timezone.utc)


def test_a_bare_token(tmp_path: Path) -> None:
    """What a device gets may be the inference token alone."""
    file = tmp_path / "token"
    file.write_text("iii\n")
    assert (read_keys(file).inference, read_keys(file).management) == ("iii", None)


def test_a_file_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``~`` is the user's home, as it is for a device."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "token").write_text("iii")
    assert read_keys(Path("~/token")).inference == "iii"
    assert read_keys(Path("~nobody_of_that_name/token")).problem is not None


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its token is used for inference; nothing is known of its time."""
    file = tmp_path / "key_file.json"
    file.write_text(json.dumps(KEY_FILE))
    monkeypatch.setenv(VARIABLE, "eee")
    keys = read_keys(file)
    assert (keys.source, keys.inference, keys.management, keys.expires) == (VARIABLE, "eee", "mmm", None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"", "is empty"),
        (b"one\ntwo\n", "more than one token"),
        (b"a token", "more than one token"),
        (b"\xff\xfe", "cannot be read"),
        (b"{", "is no key_file.json"),
        (b"{}", "is no key_file.json"),
        (b'{"inference": 1, "management": 2}', "is no key_file.json"),
        (
            b'{"inference": {"key": "a", "expiration time": "soon"}, "management": {"key": "b"}}',
            "is no key_file",
        ),
        (b"{" * 60_000, "is no key_file.json"),
        (b'{"inference": {"key": 1, "expiration time": "2026-11-23T15:39:31Z"}}', "is no key_file"),
    ],
)
def test_no_token(tmp_path: Path, content: bytes | None, said: str) -> None:
    """A reason instead of a token."""
    file = tmp_path / "key_file.json"
    if content is not None:
        file.write_bytes(content)
    keys = read_keys(file)
    assert keys.inference is None
    assert said in str(keys.problem)


def test_the_environment_holds_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused without being shown."""
    monkeypatch.setenv(VARIABLE, "secret1\nsecret2")
    keys = read_keys(None)
    assert keys.inference is None
    assert "more than one token" in str(keys.problem)
    assert "secret" not in str(keys.problem)


def test_no_file_named() -> None:
    """The spec names none and the environment has none."""
    assert read_keys(None).problem == "no token is named"
