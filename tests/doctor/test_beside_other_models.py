"""What the doctor says to the owner of a TorchServe that serves other models, too."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edgent.doctor.checks import CHECKS
from edgent.doctor.observations import Connection, Keys, Listener, ManagementSeen, Observations, Reply

if TYPE_CHECKING:
    from edgent.doctor.finding import Finding

HERE = "http://127.0.0.1:9081"
DONE = Reply(200, b"")
CLOSED = Reply(405, b'{"message": "Requested method is not allowed"}')
OPEN = UNKNOWN = Reply(404, b'{"message": "Model not found"}')
NO_WORKER = Reply(503, b'{"message": "Model has no worker"}')
REFUSED = Reply(400, b'{"type": "InvalidKeyException", "message": "Token Authorization failed."}')
SHARED = Observations(
    url="http://127.0.0.1:9080",
    on_this_host=True,
    now=dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc),
    connection=Connection(),
    keys=Keys("key_file.json", "a", "b"),
    anonymous=REFUSED,
    probes=(DONE,),
    pipeline_name="net",
    version="0123456789ab",
    management=ManagementSeen(HERE, DONE, OPEN, REFUSED),
    shared=True,
)


def _finding(check: str, seen: Observations) -> Finding:
    [finding] = CHECKS[check](seen)
    return finding


@pytest.mark.parametrize(
    ("reply", "remedy"),
    [
        (NO_WORKER, f"{HERE}/models/edgent-probe/1.0?min_worker=1"),
        (Reply(0, b"timed out"), "scale edgent-probe to 0 workers and to 1 again"),
        (UNKNOWN, "edgent archive SPEC"),
    ],
)
def test_a_probe_that_does_not_answer(reply: Reply, remedy: str) -> None:
    """One that is registered is not to be registered again."""
    finding = _finding("round trip", replace(SHARED, probes=(reply,)))
    assert finding.state == "wrong"
    assert remedy in finding.remedy
    assert ("edgent archive" in finding.remedy) is (reply is UNKNOWN)


@pytest.mark.parametrize(
    ("registration", "remedy"),
    [(OPEN, "run the commands that it prints"), (CLOSED, "name them in load_models, and restart TorchServe")],
)
def test_what_is_missing_comes_in_by_a_way_that_is_open(registration: Reply, remedy: str) -> None:
    """Registration is refused where the model API is closed."""
    management = ManagementSeen(HERE, DONE, registration, REFUSED)
    seen = replace(SHARED, heads={"a": UNKNOWN}, pipeline=UNKNOWN, management=management)
    assert _finding("heads known", seen).remedy.endswith(remedy)


def test_a_head_without_a_worker_can_wait() -> None:
    """Its pipeline answers for it, so nobody has to register it; one that is to have a worker is missed."""
    built = frozenset({"a", "b"})
    seen = replace(SHARED, heads={"a": DONE, "b": UNKNOWN}, pipeline=DONE, built=built)
    waiting = _finding("heads known", replace(seen, warm=frozenset({"a"})))
    assert waiting.state == "ok"
    assert waiting.finding == "1 of 2; net answers for the others, which are not registered"
    for missed in (
        replace(seen, warm=built),
        replace(seen, warm=frozenset({"a"}), pipeline=UNKNOWN),
        replace(seen, warm=frozenset({"a"}), shared=False),
    ):
        assert _finding("heads known", missed).state == "wrong"


@pytest.mark.parametrize(
    ("head", "left"), [(DONE, "only heads are served"), (NO_WORKER, "devices answer alone")]
)
def test_what_is_left_without_the_pipeline(head: Reply, left: str) -> None:
    """Heads that are registered and have no worker serve nobody."""
    for pipeline in (UNKNOWN, NO_WORKER):
        finding = _finding("pipeline", replace(SHARED, heads={"a": head}, pipeline=pipeline))
        assert finding.finding.endswith(left)


def test_a_pipeline_without_a_worker_is_not_built_again() -> None:
    """It is there: a worker is all that it lacks, and nobody is served until it has one."""
    seen = replace(SHARED, heads={"a": UNKNOWN, "b": UNKNOWN}, pipeline=NO_WORKER)
    known, pipeline = _finding("heads known", seen), _finding("pipeline", seen)
    assert known.finding == "0 of 2; net is there for the others, which are not built"
    assert (known.state, pipeline.state) == ("ok", "wrong")
    assert f"{HERE}/models/net/0123456789ab?min_worker=1" in pipeline.remedy
    assert _finding("pipeline", replace(seen, heads={"a": DONE})).state == "warning"


def test_a_token_that_nobody_wants() -> None:
    """A device does not ask where it cannot read the token that it is to send."""
    open_to_all = replace(SHARED, anonymous=DONE)
    assert CHECKS["our token"](open_to_all) == []
    assert CHECKS["our token"](replace(open_to_all, keys=Keys("nowhere", problem="no token is named"))) == []
    unreadable = replace(open_to_all, keys=Keys("token", problem="token cannot be read"))
    finding = _finding("our token", unreadable)
    assert finding.state == "wrong"
    assert "do not ask: token cannot be read" in finding.finding
    assert CHECKS["our token"](replace(unreadable, behind="proxy")) == []


def test_no_management_key() -> None:
    """That there is none is told from one that is rejected."""
    refused = ManagementSeen(HERE, REFUSED, REFUSED, REFUSED)
    seen = replace(SHARED, management=refused)
    assert "is rejected" in _finding("management", seen).finding
    without = _finding("management", replace(seen, keys=Keys("token", "a")))
    assert without.finding == f"{HERE} answers, but we have no management key to show"
    assert "name ours with --management-url" in without.remedy


def test_ports_that_speak_tls_at_plain_addresses() -> None:
    """The address is wrong, and not what listens there."""
    https_only = Reply(403, b'{"status": "This TorchServe instance only accepts HTTPS requests"}')
    seen = replace(
        SHARED,
        anonymous=https_only,
        listeners=(Listener("::", 9070), Listener("::", 9080)),
        grpc_url="grpc://127.0.0.1:9070",
        grpc=Connection(wants_tls=True),
    )
    grpc = _finding("gRPC", seen)
    assert (grpc.state, grpc.remedy) == ("warning", "write grpcs:// in edge.grpc_url")
    assert _finding("bound to", seen).finding == "inference listens on :: over TLS, the rest on loopback"
