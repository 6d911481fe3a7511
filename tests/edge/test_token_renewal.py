"""Renewing TorchServe's tokens: what is written, for whom, and what is said when it does not work."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import ssl
import stat
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgent.edge.certificates import write_certificates
from edgent.edge.management import Management
from edgent.edge.token_renewal import check_token_file, renew_token, write_token
from edgent.edge.torchserve import TorchServe
from edgent.errors import TorchServeError
from edgent.key_file import Token
from tests.torchserve_fixtures import ended_at_once

if TYPE_CHECKING:
    from tests.command_fixtures import Run

EXPIRES = "2026-11-28T01:04:21.163267014Z"


def _key_file(folder: Path, inference: str = "first") -> Path:
    file = folder / "key_file.json"
    keys = {
        "management": {"key": "managing", "expiration time": EXPIRES},
        "inference": {"key": inference, "expiration time": EXPIRES},
        "API": {"key": "the-api-key"},
    }
    file.write_text(json.dumps(keys), encoding="utf-8")
    return file


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The key file of a server that renews its inference token when it is asked."""

    def renew(_: Management, kind: str) -> None:
        assert kind == "inference"
        _key_file(tmp_path, "second")

    monkeypatch.setattr(Management, "renew_token", renew)
    return _key_file(tmp_path)


def test_the_new_one_is_handed_out(edgent: Run, server: Path, tmp_path: Path) -> None:
    """Into a file that its owner alone may read, in place of the one before; it is not printed."""
    out = tmp_path / "token"
    out.write_text("an older one\n", encoding="ascii")
    done = edgent("token", "lenet", "--key-file", server, "--out", out)
    assert done.code == 0, done.errors
    assert out.read_text(encoding="ascii") == "second\n"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert done.output == f"a new inference token is in {out}, good until 2026-11-28 01:04 UTC\n"
    assert [file.name for file in tmp_path.iterdir() if "new" in file.name] == []


def test_it_is_printed_when_that_is_asked(edgent: Run, server: Path) -> None:
    """Alone, for a program that reads it."""
    assert edgent("token", "lenet", "--print", EDGENT_TOKEN_FILE=str(server)).output == "second\n"


def test_tokens_are_not_shown() -> None:
    """Neither by repr nor in a message."""
    token = Token.model_validate({"key": "secret", "expiration time": EXPIRES})
    assert "secret" not in repr(token)


@pytest.mark.parametrize("host", ["edge.local", "10.0.0.5", "[fe80::1]"])
def test_the_api_key_stays_here(edgent: Run, tmp_path: Path, host: str) -> None:
    """It goes to no other machine over plain http: the command is for the edge's own."""
    done = edgent(
        "token", "lenet", "--key-file", _key_file(tmp_path), "--management-url", f"http://{host}:8081"
    )
    assert done.code == 2
    assert "is not sent to another machine over plain http" in done.errors
    assert "the-api-key" not in done.errors + done.output


def test_https_is_trusted_by_the_specs_authority(edgent: Run, tiny_spec: Path, tmp_path: Path) -> None:
    """As devices trust the edge: a server of one's own has one certificate, unknown to the system."""

    class Renewing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _key_file(tmp_path, "second")
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    files = write_certificates(tmp_path / "tls", ["localhost"], 3, dt.datetime.now(dt.timezone.utc))
    spec = tmp_path / tiny_spec.name
    shutil.copytree(tiny_spec.parent, tmp_path, dirs_exist_ok=True)
    spec.write_text(f"{spec.read_text()}edge: {{ca_file: tls/{files.authority.name}}}\n")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.private_key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Renewing) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"https://localhost:{server.server_port}"
        done = edgent("token", spec, "--key-file", _key_file(tmp_path), "--management-url", url, "--print")
        server.shutdown()
        thread.join()
    assert (done.code, done.output) == (0, "second\n"), done.errors


def test_an_authority_that_is_not_there(tmp_path: Path) -> None:
    """Ends in a sentence, and no token is renewed."""
    with pytest.raises(TorchServeError, match=r"certificate.*nowhere\.pem"):
        renew_token("https://localhost:1", _key_file(tmp_path), "inference", tmp_path / "nowhere.pem")


def test_a_redirect_is_not_followed() -> None:
    """Whoever sends it would get the token."""
    asked: list[str] = []

    class Redirecting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            with pytest.raises(TorchServeError, match="302"):
                Management(f"http://127.0.0.1:{server.server_port}", "secret").renew_token("inference")
        finally:
            server.shutdown()
    assert asked == ["/token?type=inference"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "/token.type=inference: 400 .*; name its key_file.json"),
        (404, "/token.type=inference: 404 .*; the server asks for no tokens"),
        (500, "/token.type=inference: 500 $"),
    ],
)
def test_why_no_token_is_made(status: int, said: str, tmp_path: Path) -> None:
    """TorchServe's own words do not tell what to do."""

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(TorchServeError, match=said):
            renew_token(f"http://127.0.0.1:{server.server_port}", _key_file(tmp_path), "inference")
        thread.join()


def test_a_copy_of_the_key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server makes a new token, but not here."""
    monkeypatch.setattr(Management, "renew_token", lambda _self, _kind: None)
    with pytest.raises(TorchServeError, match="it is a copy"):
        renew_token("http://127.0.0.1:8081", _key_file(tmp_path), "inference")


def test_what_cannot_be_used(tmp_path: Path) -> None:
    """No file, a file of something else, no server, no folder to write into, a spec that names none."""
    with pytest.raises(TorchServeError, match="--key-file"):
        renew_token("http://127.0.0.1:1", tmp_path / "nowhere.json", "inference")
    (tmp_path / "token").write_text("only-a-token", encoding="ascii")
    with pytest.raises(TorchServeError, match="holds no API key"):
        renew_token("http://127.0.0.1:1", tmp_path / "token", "inference")
    said = "no management API at http://127.0.0.1:1: Connection refused; is TorchServe running"
    with pytest.raises(TorchServeError, match=said):
        renew_token("http://127.0.0.1:1", _key_file(tmp_path), "inference")
    token = Token.model_validate({"key": "secret", "expiration time": EXPIRES})
    with pytest.raises(TorchServeError, match="cannot write the token"):
        write_token(token, tmp_path / "nowhere" / "token")


@pytest.mark.torchserve
def test_a_real_server(edgent: Run, tmp_path: Path, tiny_spec: Path) -> None:
    """It takes the new token, refuses the one before, and says for how long: as long as it was told to."""
    with TorchServe(tmp_path, [], settings={"token_expiration_min": "90"}) as server, ended_at_once(server):
        url, before = server.addresses.management, server.token("management")
        options = (
            "--key-file",
            server.token_file,
            "--management-url",
            url,
            "--type",
            "management",
            "--print",
        )
        done = edgent("token", tiny_spec, *options)
        assert done.code == 0, done.errors
        assert Management(url, done.output.strip()).models() == []
        with pytest.raises(TorchServeError, match="Token"):
            Management(url, before).models()
        assert edgent("token", tiny_spec, "--management-url", url).code == 2


def test_where_a_token_is_to_be_written_is_looked_at_first(tmp_path: Path) -> None:
    """Before the devices' token is refused for a new one."""
    key_file = _key_file(tmp_path)
    check_token_file(tmp_path / "token", key_file)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place, said in (
        (tmp_path, "is a folder: name a file, or use --print; no token was renewed"),
        (pipe, "is no file of its own: name a file, or use --print; no token was renewed"),
        (Path("/dev/stdout"), "is no file of its own"),  # though it may lead to one
        (tmp_path / "nowhere" / "token", "lies in no folder that is there"),
        (key_file, "is TorchServe's own: name another file"),
    ):
        with pytest.raises(TorchServeError, match=said):
            check_token_file(place, key_file)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to gets the token: a folder of secrets may be made of links."""
    link, target = tmp_path / "token", tmp_path / "secrets" / "device"
    target.parent.mkdir()
    link.symlink_to(target)
    check_token_file(link, _key_file(tmp_path))
    write_token(Token.model_validate({"key": "secret", "expiration time": EXPIRES}), link)
    assert link.is_symlink()
    assert target.read_text(encoding="ascii") == "secret\n"
