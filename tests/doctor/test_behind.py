"""A server behind a proxy or a network policy: what is as it should be there, and what is wrong anywhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from edgent.doctor.checks import CHECKS
from edgent.doctor.observations import Connection, Keys, Listener, Observations, Reply

ANSWERED = Reply(200, b"")
IN_THE_OPEN = Observations(
    url="http://edge1:8080",
    on_this_host=True,
    now=dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc),
    connection=Connection(),
    keys=Keys("nowhere"),
    anonymous=ANSWERED,
    listeners=(Listener("0.0.0.0", 8080), Listener("0.0.0.0", 8082), Listener("127.0.0.1", 8081)),
)


def _found(check: str, seen: Observations) -> tuple[str, str]:
    (finding,) = CHECKS[check](seen)
    return finding.state, finding.finding


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("TLS", "plain http to edge1, behind a proxy as you say"),
        ("tokens on", "the proxy before it has to ask for them"),
        ("bound to", "inference on 0.0.0.0:8080, metrics on 0.0.0.0:8082; that a proxy stands before it is"),
    ],
)
def test_what_is_right_there_alone(check: str, said: str) -> None:
    """Wrong in the open, right behind a proxy, and then the doctor says on whose word."""
    assert {finding.state for finding in CHECKS[check](IN_THE_OPEN)} == {"wrong"}
    state, finding = _found(check, replace(IN_THE_OPEN, behind="proxy"))
    assert state == "ok"
    assert said in finding


def test_what_stays_wrong() -> None:
    """Management in the open, a proxy that asks for no token, and no token behind a network policy."""
    managed = (Listener("0.0.0.0", 8081), Listener("::", 7070))
    state, finding = _found("bound to", replace(IN_THE_OPEN, behind="proxy", listeners=managed))
    assert (state, "management listens on 0.0.0.0:8081" in finding) == ("wrong", True)
    over_tls = replace(IN_THE_OPEN, url="https://edge.local:8443", behind="proxy")
    assert _found("tokens on", over_tls)[0] == "wrong"
    assert _found("tokens on", replace(IN_THE_OPEN, behind="network-policy"))[0] == "wrong"


def test_grpc_where_devices_are_told_it() -> None:
    """By its own port, whichever it is."""
    elsewhere = replace(
        IN_THE_OPEN, behind="network-policy", grpc_url="grpc://edge1:7999", listeners=(Listener("::", 7999),)
    )
    assert _found("bound to", elsewhere) == (
        "ok",
        "beyond loopback listens gRPC on [::]:7999; that a network policy stands before it is your word",
    )
