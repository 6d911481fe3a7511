"""Asking an edge: each of its answers has an exit code and a sentence."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from edgent.core.wire import read_frame
from edgent.deploy import healthy
from edgent.deploy.healthy import BUSY, READY, SILENT, WRONG_QUESTION, ask, ask_all
from edgent.deploy.question import QUESTIONS, Question, questions_text, read_questions
from edgent.deploy.served_store import question_to
from edgent.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.network import Network

QUESTION = Question("net/0123456789ab", b"a frame")
FULL = b'{"code": 503, "message": "Model \\"net\\" has no worker to serve inference request."}'


@contextmanager
def answering(status: int, body: bytes = b"", *, after: threading.Event | None = None) -> Iterator[str]:
    """A server that answers everything alike, to those who ask in the right way."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Answer one question."""
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            if after is not None:
                after.wait(10)
            right = self.path == "/predictions/net/0123456789ab" and asked == b"a frame"
            self.send_response(status if right else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (200, b"", READY, "net/0123456789ab answers a frame in"),
        (425, b"", READY, "answers a frame in"),
        (503, FULL, BUSY, "net/0123456789ab is busy: its queue is full, or it has no worker"),
        (507, b'{"message": "Worker died."}', SILENT, "answers 507: Worker died."),
        (404, b"", SILENT, "answers 404: without a reason"),
        (409, b'{"message": "another model"}', SILENT, "answers 409: another model"),
    ],
)
def test_what_answers_mean(status: int, body: bytes, code: int, said: str) -> None:
    """Ready, being loaded, busy, wrong."""
    with answering(status, body) as url:
        health = ask(url, QUESTION, "a-token")
    assert health.code == code
    assert said in health.sentence


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where nothing listens, nor where it takes too long."""
    with answering(200) as url:
        pass
    assert ask(url, QUESTION).code == SILENT
    assert "does not answer" in ask(url, QUESTION).sentence
    monkeypatch.setattr(healthy, "TIMEOUT_S", 0.05)
    later = threading.Event()
    with answering(200, after=later) as url:
        health = ask(url, QUESTION)
        later.set()
    assert (health.code, health.sentence) == (SILENT, f"{url} did not answer net/0123456789ab within 0.05 s")


def test_the_first_that_is_wrong_counts() -> None:
    """Of several pipelines each has to answer."""
    with answering(200) as url:
        assert ask_all(url, [QUESTION, QUESTION]).sentence.count("answers a frame") == 2
        assert ask_all(url, [QUESTION, Question("other/1", b"")]).code == SILENT


def test_as_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It asks what the store's questions say; without any, or with a wrong address, it says what is wrong."""
    assert healthy.main([str(tmp_path)]) == WRONG_QUESTION
    assert "no readable questions" in capsys.readouterr().err
    (tmp_path / QUESTIONS).write_text(questions_text([QUESTION]), encoding="utf-8")
    assert healthy.main([]) == healthy.main([str(tmp_path), "edge:8080"]) == WRONG_QUESTION
    with answering(503, FULL) as url:
        assert healthy.main([str(tmp_path), url]) == BUSY
    assert "queue is full" in capsys.readouterr().out


def test_a_token_stays_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It goes to no other machine over plain http, and a wrong address ends in a sentence."""
    monkeypatch.setenv("EDGENT_TOKEN", "secret")
    assert healthy.main([str(tmp_path), "http://edge.local:8080"]) == WRONG_QUESTION
    said = capsys.readouterr().err
    assert "EDGENT_TOKEN is not sent to http://edge.local:8080" in said
    assert "secret" not in said
    assert healthy.main([str(tmp_path), "http://edge.local:port"]) == WRONG_QUESTION


def test_it_starts_quickly() -> None:
    """It runs every few seconds beside the workers, so it imports neither NumPy nor anything like it."""
    code = (
        "import sys, edgent.deploy.healthy; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert {"numpy", "pydantic", "typer", "requests", "yaml"} & set(done.stdout.split()) == set()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"net/1": 3}', '{"net/1": "no base64!"}'])
def test_questions_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    """A damaged file is named."""
    (tmp_path / "questions.json").write_text(text, encoding="utf-8")
    with pytest.raises(ArchiveError, match=r"questions\.json"):
        read_questions(tmp_path)


def test_a_question_is_a_frame_without_inputs(lenet_network: Network, tmp_path: Path) -> None:
    """For the whole network, in its version; it is the same after it was written and read."""
    question = question_to(lenet_network)
    assert question.endpoint == "lenet/97d4c5e41a09"
    assert read_frame(question.frame).tensor.shape == (0, 1, 28, 28)
    (tmp_path / QUESTIONS).write_text(questions_text([question]), encoding="utf-8")
    assert read_questions(tmp_path) == [question]
    head, _, body = question.request().partition(b"\r\n\r\n")
    assert head.startswith(b"POST /predictions/lenet/97d4c5e41a09 HTTP/1.1\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
