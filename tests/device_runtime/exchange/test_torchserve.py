"""A TorchServe as the device asks it: typed errors for whatever it can answer, tokens read again, retries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from device_runtime.deadline import Deadline
from device_runtime.edges.retry_budget import RetryBudget
from device_runtime.exchange.carrier import RawAnswer
from device_runtime.exchange.grpc_exchange import GrpcConnection
from device_runtime.exchange.http_exchange import HttpConnection
from device_runtime.exchange.torchserve import TorchServeClient
from edgent.errors import (
    ColdWindowError,
    EdgeBusyError,
    EdgeError,
    EdgeTimeoutError,
    EdgeUnreachableError,
    HeadAbsentError,
    HeadFailedError,
    HeadRefusedError,
    TokenError,
)

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "tiny-p02"
ANSWER = RawAnswer(200, b"frame", 10, 20)
INVALID_KEY = RawAnswer(400, b'{"code": 400, "type": "InvalidKeyException", "message": "no"}', 10, 20)
BROKEN = EdgeUnreachableError("it broke")


class ScriptedCarrier:
    """Answers or breaks as its script says, and remembers the tokens that it was given."""

    certificate_expires_s: float | None = None

    def __init__(self, *script: RawAnswer | EdgeError, is_open: bool = False) -> None:
        self._script = list(script)
        self.is_open = is_open
        self.tokens: list[str | None] = []
        self.versions: list[str] = []
        self.turns = 0

    def predict(
        self,
        head: str,
        token: str | None,
        body: bytes,
        deadline: Deadline,
        version: str = "",
        trace: str = "",
    ) -> RawAnswer:
        """The next of the script."""
        self.versions.append(version)
        self.tokens.append(token)
        said = self._script.pop(0)
        self.is_open = isinstance(said, RawAnswer)
        if isinstance(said, EdgeError):
            raise said
        return said

    def reopen(self, deadline: Deadline) -> None:
        """Open."""
        self.is_open = True

    def turn(self) -> None:
        """Closed, and counted."""
        self.turns += 1
        self.close()

    def close(self) -> None:
        """Closed."""
        self.is_open = False

    def abandon(self) -> None:
        """Nothing is under way."""


def _client(carrier: ScriptedCarrier, token_file: Path | None = None) -> TorchServeClient:
    client = TorchServeClient("http://127.0.0.1:1", token_file=token_file)
    client._connection = carrier
    return client


def _ask(client: TorchServeClient) -> RawAnswer:
    return client.predict(HEAD, b"request", Deadline.after(30.0))


@pytest.fixture(autouse=True)
def _no_token_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDGENT_TOKEN", raising=False)


@pytest.mark.parametrize(
    ("url", "transport"),
    [
        ("http://127.0.0.1:8080", HttpConnection),
        ("https://127.0.0.1:8443", HttpConnection),
        ("grpc://127.0.0.1:7070", GrpcConnection),
        ("grpcs://127.0.0.1:7070", GrpcConnection),
    ],
)
def test_the_url_chooses_the_interface(url: str, transport: type) -> None:
    """TorchServe has two of them."""
    assert type(TorchServeClient(url)._connection) is transport


def test_an_address_of_nothing() -> None:
    """Said when the client is made."""
    with pytest.raises(EdgeUnreachableError, match="no address of an edge"):
        TorchServeClient("ftp://127.0.0.1")


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (404, b'{"message": "Model not found"}', HeadAbsentError, "make archive"),
        (
            425,
            b'{"message": "p2 is being loaded"}',
            ColdWindowError,
            "tiny-p02 is not ready: it loads the layers",
        ),
        (503, b'{"message": "no worker to serve"}', EdgeBusyError, "no worker to serve"),
        (500, b'{"message": "Worker died."}', HeadFailedError, "Worker died"),
        (507, b"", HeadFailedError, "status 507"),
        (502, b"<html>no JSON</html>", HeadFailedError, "lost behind a proxy: status 502"),
        (504, b'{"message": "0.1 ms are left"}', EdgeTimeoutError, "0.1 ms are left"),
        (409, b'{"message": "other model"}', HeadRefusedError, r"\(409\): other model"),
        (403, b"this port only accepts HTTPS", EdgeUnreachableError, "write https://"),
        (403, b"{}", HeadRefusedError, r"\(403\)"),
        (400, b"<html>", HeadRefusedError, r"\(400\): status 400"),
        (413, b"", HeadRefusedError, r"\(413\)"),
        (301, b"", HeadRefusedError, r"\(301\)"),
        (400, b'["message"]', HeadRefusedError, "status 400"),
        (400, b"\xff\xfe", HeadRefusedError, "status 400"),
        (400, b"[" * 100_000, HeadRefusedError, "status 400"),
        (400, b'{"message": "' + b"x" * 100_000 + b'"}', HeadRefusedError, "x{500}$"),
    ],
)
def test_refusals_are_typed(status: int, body: bytes, kind: type[EdgeError], words: str) -> None:
    """Each status is one kind of error, with the edge's reason where there is one, and no more of it."""
    carrier = ScriptedCarrier(RawAnswer(status, body, 1, 1), is_open=True)
    with pytest.raises(kind, match=words) as caught:
        _ask(_client(carrier))
    assert len(str(caught.value)) < 1000
    assert len(carrier.tokens) == 1


@pytest.mark.parametrize(("status", "turns"), [(503, 1), (500, 0), (404, 0)])
def test_a_full_queue_is_turned_from(status: int, turns: int) -> None:
    """Behind a service's name another server may have room: the next request opens a connection anew."""
    carrier = ScriptedCarrier(RawAnswer(status, b"{}", 1, 1), is_open=True)
    with pytest.raises(EdgeError):
        _ask(_client(carrier))
    assert carrier.turns == turns


def test_several_edges_share_their_retries() -> None:
    """What one of them spent the other has no more."""
    retries = RetryBudget()
    for _ in range(3):
        retries.spend()
    client = TorchServeClient("http://127.0.0.1:1", retries=retries)
    client._connection = ScriptedCarrier(BROKEN, is_open=True)
    with pytest.raises(EdgeUnreachableError, match="it broke"):
        _ask(client)


def test_a_version_that_is_not_there_is_named() -> None:
    """Another version of the network may be: the message says which one is wanted, and how to have it."""
    said = b'{"message": "Model version: 0123 does not exist for model: tiny-p02"}'
    carrier = ScriptedCarrier(RawAnswer(404, said, 1, 1))
    words = "does not know tiny-p02 in version 0123, this model's: run `edgent archive SPEC`"
    with pytest.raises(HeadAbsentError, match=words):
        _client(carrier).predict(HEAD, b"request", Deadline.after(30.0), "0123")
    assert carrier.versions == ["0123"]


def test_a_kept_connection_that_breaks_is_tried_again_once() -> None:
    """A new one that breaks is not: a dead edge is not asked twice."""
    carrier = ScriptedCarrier(BROKEN, ANSWER, BROKEN, BROKEN, BROKEN, is_open=True)
    client = _client(carrier)
    assert _ask(client) == ANSWER
    with pytest.raises(EdgeUnreachableError, match="it broke"):
        _ask(client)
    assert len(carrier.tokens) == 4
    with pytest.raises(EdgeUnreachableError, match="it broke"):
        _ask(client)
    assert len(carrier.tokens) == 5


def test_a_late_answer_is_not_asked_for_again() -> None:
    """Nobody would wait for it."""
    carrier = ScriptedCarrier(EdgeTimeoutError("late"), is_open=True)
    with pytest.raises(EdgeTimeoutError, match="late"):
        _ask(_client(carrier))
    assert len(carrier.tokens) == 1


def test_retries_end_with_their_budget() -> None:
    """Three in a row; refusals are answers, too, and eleven answers earn another retry."""
    refused = RawAnswer(503, b"{}", 1, 1)
    script = [BROKEN, BROKEN] * 3 + [BROKEN] + [refused] * 11 + [BROKEN, ANSWER]
    carrier = ScriptedCarrier(*script)
    client = _client(carrier)
    for asked in (2, 4, 6, 7):
        carrier.is_open = True
        with pytest.raises(EdgeUnreachableError):
            _ask(client)
        assert len(carrier.tokens) == asked
    for _ in range(11):
        with pytest.raises(EdgeBusyError):
            _ask(client)
    carrier.is_open = True
    assert _ask(client) == ANSWER


def test_a_rotated_token_is_read_again_once(tmp_path: Path) -> None:
    """The first refusal sends the client to the file; what it finds there is kept."""
    file = tmp_path / "key_file.json"
    file.write_text(json.dumps({"inference": {"key": "old"}}))
    carrier = ScriptedCarrier(ANSWER, INVALID_KEY, ANSWER, ANSWER)
    client = _client(carrier, file)
    _ask(client)
    file.write_text(json.dumps({"inference": {"key": "new"}}))
    _ask(client)
    _ask(client)
    assert carrier.tokens == ["old", "old", "new", "new"]


def test_a_token_that_stays_wrong(tmp_path: Path) -> None:
    """Two refusals are an error that says what to do, and never the token."""
    (tmp_path / "token").write_text("sesame")
    carrier = ScriptedCarrier(INVALID_KEY, INVALID_KEY)
    with pytest.raises(TokenError, match="tokens expire") as caught:
        _ask(_client(carrier, tmp_path / "token"))
    assert "sesame" not in str(caught.value)
    assert len(carrier.tokens) == 2


def test_a_missing_token_file_sends_nothing(tmp_path: Path) -> None:
    """Without a token there is nothing to ask with; when the file comes, the next request works."""
    carrier = ScriptedCarrier(ANSWER)
    client = _client(carrier, tmp_path / "token")
    with pytest.raises(TokenError, match="no readable token"):
        _ask(client)
    assert carrier.tokens == []
    (tmp_path / "token").write_text("now")
    _ask(client)
    assert carrier.tokens == ["now"]


@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_a_server_that_is_not_there_is_said_before_a_missing_token(tmp_path: Path, scheme: str) -> None:
    """It is the first cause: TorchServe writes its tokens when it is started."""
    client = TorchServeClient(f"{scheme}://127.0.0.1:1", token_file=tmp_path / "key_file.json")
    with pytest.raises(EdgeUnreachableError, match="refused"):
        _ask(client)


def test_a_bad_request_without_invalid_key_is_no_token_matter(tmp_path: Path) -> None:
    """A frame that is refused with 400 is not sent again."""
    (tmp_path / "token").write_text("sesame")
    carrier = ScriptedCarrier(RawAnswer(400, b'{"message": "rank 9"}', 1, 1))
    with pytest.raises(HeadRefusedError, match="rank 9"):
        _ask(_client(carrier, tmp_path / "token"))
    assert len(carrier.tokens) == 1
