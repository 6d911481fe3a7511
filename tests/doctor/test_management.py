"""What a management API tells of itself: on a shared server, and to a key that has expired."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from edgent.doctor.checks import CHECKS
from edgent.doctor.observations import Connection, Keys, ManagementSeen, Observations, Reply

if TYPE_CHECKING:
    from edgent.doctor.finding import Finding

HERE = "http://[::1]"
DONE = Reply(200, b"")
REFUSED = Reply(400, b'{"type": "InvalidKeyException", "message": "Token Authorization failed."}')
SOUND = Observations(
    url="http://127.0.0.1:8080",
    on_this_host=True,
    now=dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc),
    connection=Connection(),
    keys=Keys("key_file.json", "a", "b"),
)


def _finding(check: str, seen: Observations) -> Finding:
    [finding] = CHECKS[check](seen)
    return finding


def test_a_shared_server_is_open_to_its_own_key() -> None:
    """That is worth a warning; that it is open to everybody stays wrong."""
    shared = replace(SOUND, shared=True, management=ManagementSeen(HERE, DONE, Reply(404, b"{}"), REFUSED))
    assert _finding("who may register", shared).state == "warning"
    assert "a restart forgets them otherwise" in _finding("who may register", shared).remedy
    everybody = replace(shared, management=ManagementSeen(HERE, DONE, Reply(404, b"{}"), Reply(404, b"{}")))
    assert _finding("who may register", everybody).state == "wrong"


def test_our_management_key_is_rejected() -> None:
    """Then nothing is known about registration, and that is no pass; it may have expired."""
    seen = replace(SOUND, management=ManagementSeen(HERE, REFUSED, REFUSED, REFUSED))
    assert _finding("management", seen).state == "warning"
    renewal = f"edgent token SPEC --key-file key_file.json --management-url '{HERE}' --type management"
    assert renewal in _finding("management", seen).remedy
    assert CHECKS["who may register"](seen) == []


def test_a_tunnel_to_the_port_that_was_asked() -> None:
    """Where management answers another machine in the clear."""
    seen = replace(SOUND, management=ManagementSeen("http://10.0.0.5:9081", DONE))
    assert "ssh -L 9081:127.0.0.1:9081 10.0.0.5" in _finding("management", seen).remedy
