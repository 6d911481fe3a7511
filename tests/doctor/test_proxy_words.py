"""What the doctor says where a proxy answers in TorchServe's place, or TLS and tokens are the proxy's."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from edgent.doctor.checks import CHECKS, diagnose
from edgent.doctor.observations import Connection, Keys, ManagementSeen, Observations, Reply

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
NO_EDGE = Reply(503, b"<html><body><h1>503 Service Unavailable</h1>\nNo server is available.</body></html>")
REFUSED = Reply(400, b'{"code":400,"type":"InvalidKeyException","message":"the proxy knows no such token"}')
THROUGH = Observations(
    url="https://edge.local:8443",
    on_this_host=False,
    now=NOW,
    connection=Connection(issuer="our authority", expires=NOW + dt.timedelta(days=100)),
    keys=Keys("tokens", "secret"),
    behind="proxy",
    anonymous=REFUSED,
)


def _found(check: str, seen: Observations) -> tuple[str, str, str]:
    (finding,) = CHECKS[check](seen)
    return finding.state, finding.finding, finding.remedy


@pytest.mark.parametrize(
    ("reply", "said", "remedy"),
    [
        (
            NO_EDGE,
            "answers 503 in TorchServe's place (503 Service Unavailable): it finds no edge",
            "health checks",
        ),
        (Reply(502, b"Bad Gateway"), "502 in TorchServe's place (Bad Gateway): it finds no edge", "its log"),
        (Reply(504, b""), "504 in TorchServe's place (status 504): it finds no edge", "its log"),
        (
            Reply(404, b"<HTML><head><TITLE>404 Not\n Found</TITLE></head></HTML>"),
            "(404 Not Found): it does not let /predictions/ through",
            "https://HOST/PATH",
        ),
        (Reply(405, b"no"), "(no): it does not let /predictions/ through", "let POST /predictions/ through"),
        (Reply(302, b""), "it sends us elsewhere", "name the address"),
        (
            Reply(200, b"<!DOCTYPE html><title>Log in</title>"),
            "answers 200 in TorchServe's place (Log in)",
            "edge's",
        ),
    ],
)
def test_a_proxy_answers(reply: Reply, said: str, remedy: str) -> None:
    """In place of TorchServe, to whom it lets through, or to anybody; no check takes it for TorchServe's."""
    for seen in (replace(THROUGH, anonymous=reply, probes=(reply,)), replace(THROUGH, probes=(reply,))):
        state, finding, to_do = _found("reachable", seen)
        assert state == "wrong"
        assert said in finding
        assert remedy in to_do
        wrong = [finding.check for finding in diagnose(seen) if finding.state == "wrong"]
        assert wrong == ["reachable"]


def test_a_refusal_in_a_proxys_own_words() -> None:
    """Of a token, which is no sign that nothing stands behind it."""
    own = Reply(401, b"<html><h1>401 Unauthorized</h1></html>")
    seen = replace(THROUGH, anonymous=own, probes=(own,))
    assert _found("reachable", seen)[0] == "ok"
    assert _found("tokens on", seen)[0] == "ok"
    state, finding, remedy = _found("our token", seen)
    assert (state, finding) == ("wrong", "the token from tokens is rejected")
    assert "the proxy's file of tokens" in remedy


def test_http_at_a_proxys_port_for_https() -> None:
    """In nginx's words."""
    page = Reply(400, b"<html><h1>400</h1>The plain HTTP request was sent to HTTPS port</html>")
    seen = replace(THROUGH, url="http://127.0.0.1:8443", anonymous=page, probes=(page,))
    assert _found("reachable", seen)[1] == "http://127.0.0.1:8443 speaks https only"


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (
            "Hostname mismatch, certificate is not valid for 'edge'",
            "the proxy's certificate is for another host",
        ),
        ("certificate has expired", "the proxy's: certificate has expired"),
        ("self-signed certificate", "did not sign the proxy's certificate"),
    ],
)
def test_tls_is_the_proxys(trouble: str, said: str) -> None:
    """Its certificate is meant, good or not; without a proxy it is the server's."""
    assert _found("TLS", THROUGH)[1].startswith("the proxy's certificate, signed by our authority")
    seen = replace(THROUGH, connection=Connection(tls_error=trouble))
    assert said in _found("TLS", seen)[1]
    assert said.replace("proxy", "server") in _found("TLS", replace(seen, behind=None))[1]
    no_proxy = replace(THROUGH, connection=Connection(error="refused"))
    assert _found("reachable", no_proxy)[2].startswith("start the proxy")


def test_a_proxy_that_asks_for_no_token() -> None:
    """It is the one to ask for them."""
    seen = replace(THROUGH, anonymous=Reply(200, b""))
    state, _, remedy = _found("tokens on", seen)
    assert (state, remedy.startswith("have the proxy ask for tokens")) == ("wrong", True)


def test_tokens_are_not_sent_in_the_clear() -> None:
    """Unless something is said to stand before the server; the doctor says so, with what to do."""
    seen = replace(THROUGH, url="http://edge.local:8080", behind=None, probes=(REFUSED,))
    assert (seen.shown_token, replace(seen, behind="network-policy").shown_token) == (None, "secret")
    assert replace(seen, url="http://127.0.0.1:8080").shown_token == "secret"
    state, finding, remedy = _found("our token", seen)
    assert (state, finding) == (
        "wrong",
        "not sent: others could read it on the way to http://edge.local:8080",
    )
    assert "--behind" in remedy
    managed = replace(seen, management=ManagementSeen("http://edge.local:8081", REFUSED))
    state, finding, remedy = _found("management", managed)
    assert (state, "key was not sent" in finding, "ssh -L" in remedy) == ("wrong", True, True)
