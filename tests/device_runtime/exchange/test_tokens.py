"""Where the token comes from, and what is said when there is none."""

import json
from pathlib import Path

import pytest

from device_runtime.exchange.tokens import read_token
from edgent.errors import TokenError


@pytest.fixture(autouse=True)
def _no_token_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDGENT_TOKEN", raising=False)


def test_no_token_is_wanted() -> None:
    """Neither file nor environment: requests go without."""
    assert read_token(None) is None


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"management": {"key": "other"}, "inference": {"key": "secret"}, "API": {"key": "third"}}),
        "secret",
        "  secret\n",
    ],
)
def test_a_key_file_or_a_bare_token(tmp_path: Path, content: str) -> None:
    """TorchServe's file and a file with nothing but the token are both read."""
    file = tmp_path / "token"
    file.write_text(content)
    assert read_token(file) == "secret"


def test_a_file_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``~`` is the user's home where no shell says so, as in EDGENT_TOKEN_FILE; an unknown user has none."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "token").write_text("secret")
    assert read_token(Path("~/token")) == "secret"
    with pytest.raises(TokenError, match="~nobody_of_that_name/token"):
        read_token(Path("~nobody_of_that_name/token"))


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """EDGENT_TOKEN wins over the file of a spec, readable or not."""
    monkeypatch.setenv("EDGENT_TOKEN", "mine")
    assert read_token(tmp_path / "missing") == "mine"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"{}", "no inference key"),
        (b'{"inference": "secret"}', "no inference key"),
        (b'{"inference": {"key": "sec', "no inference key"),
        (b'{"a":' * 10_000, "no inference key"),
        (b'{"inference": {"key": "a\\r\\nX-Evil: 1"}}', "characters"),
        (b"two words", "characters"),
        (b"\xff\xfe\x00", "no readable token"),
        ("geheimnisträger".encode(), "characters"),
    ],
)
def test_files_without_a_token(tmp_path: Path, content: bytes, words: str) -> None:
    """The message names the file and shows nothing of what is in it."""
    file = tmp_path / "key_file.json"
    file.write_bytes(content)
    with pytest.raises(TokenError, match=words) as caught:
        read_token(file)
    assert str(file) in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    """Named, with what to do."""
    with pytest.raises(TokenError, match=r"missing.*EDGENT_TOKEN"):
        read_token(tmp_path / "missing")
