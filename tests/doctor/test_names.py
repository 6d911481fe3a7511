"""Models of somebody else's that have the names of our archives."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.core.wire import Frame, write_frame
from edgent.doctor.checks import CHECKS
from edgent.doctor.observations import Connection, Keys, ManagementSeen, Observations, Reply
from edgent.doctor.observe import _registered

if TYPE_CHECKING:
    from edgent.doctor.finding import Finding
    from edgent.doctor.visitor import Visitor

FRAME = Reply(200, write_frame(Frame(np.zeros(0, np.float32), "float32", b"12345678")))
STRANGE = Reply(200, b"hello")
OURS = {"net": ("0123456789ab", "ba9876543210"), "net-p1": ("0123456789ab",), "edgent-probe": ("1.0",)}
SEEN = Observations(
    url="http://127.0.0.1:9080",
    on_this_host=True,
    now=dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc),
    connection=Connection(),
    keys=Keys("key_file.json", "a", "b"),
    probes=(Reply(200, b""),),
    heads={"net-p1": FRAME, "net-p2": Reply(404, b"")},
    pipeline=FRAME,
    pipeline_name="net",
    version="0123456789ab",
    spec_file="net.yaml",
    store="mars",
    management=ManagementSeen("http://127.0.0.1:9081", Reply(200, b""), registered=OURS),
)


def _names(seen: Observations) -> list[Finding]:
    return CHECKS["names"](seen)


def _with(registered: dict[str, tuple[str, ...]] | None) -> Observations:
    return replace(SEEN, management=ManagementSeen("http://127.0.0.1:9081", FRAME, registered=registered))


def test_a_server_of_our_own() -> None:
    """Several versions of the network, and the probe, are ours; where nothing is listed nothing is said."""
    assert [finding.state for finding in _names(SEEN)] == ["ok"]
    assert _names(_with(None)) == []
    assert _names(replace(SEEN, management=None)) == []


def test_another_model_is_registered_under_our_name() -> None:
    """It is named with its version; the remedy names versions, and no more files than are ours."""
    [finding] = _names(_with({**OURS, "net": ("0123456789ab", "1.0")}))
    assert (finding.state, finding.finding.split(" is registered")[0]) == ("warning", "net/1.0")
    for words in ("name in net.yaml", "DELETE, such as net/0123456789ab", "leave set-default out", "in mars"):
        assert words in finding.remedy


def test_another_model_is_the_probe() -> None:
    """The name is ours, so it is the other model that has to change."""
    [finding] = _names(_with({**OURS, "edgent-probe": ("1.0", "2.0")}))
    assert "versions 1.0, 2.0" in finding.finding
    assert "register that model under another name" in finding.remedy
    [finding] = _names(replace(SEEN, probes=(STRANGE,)))
    assert (finding.state, finding.finding.split(" answers")[0]) == ("wrong", "edgent-probe")


def test_another_model_answers_in_our_version() -> None:
    """No frame comes from it."""
    [finding] = _names(replace(SEEN, heads={"net-p1": STRANGE}, management=None))
    assert (finding.state, finding.finding.split(" answers")[0]) == ("wrong", "net-p1/0123456789ab")
    assert "name in net.yaml" in finding.remedy


def test_commands_name_the_address_that_was_asked() -> None:
    """On a shared server they register archives, and restart nothing."""
    for check, seen in (
        ("pipeline", replace(SEEN, pipeline=Reply(503, b""))),
        ("heads ready", replace(SEEN, heads={"net-p1": Reply(503, b"")}, warm=frozenset({"net-p1"}))),
    ):
        [finding] = CHECKS[check](seen)
        assert "'http://127.0.0.1:9081/models/net" in finding.remedy
    shared = replace(SEEN, shared=True, pipeline=Reply(404, b""))
    [finding] = CHECKS["pipeline"](shared)
    assert "--only-archives --management-address http://127.0.0.1:9081, and run" in finding.remedy
    assert "restart" not in finding.remedy
    assert "127.0.0.1:8081" in replace(SEEN, management=None).to_give_a_worker("net")


class _Listing:
    """Describes every model in two versions, or says something else."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def ask(self, method: str, path: str, *, body: bytes = b"", token: str | None = None) -> Reply:
        """As a visitor does."""
        assert (method, token) == ("GET", "key")
        assert path in ("/models/net/all", "/models/edgent-probe/all")
        return Reply(200, self.body)


@pytest.mark.parametrize(
    ("listed", "described", "expected"),
    [
        ("net other", [{"modelVersion": "b"}, {"modelVersion": "1.0"}], {"net": ("1.0", "b")}),
        ("other", [], {}),
        ("net", {"code": 400}, None),
        ("net", [{"model": "x"}], None),
    ],
)
def test_what_is_registered_under_our_names(
    listed: str, described: object, expected: dict[str, tuple[str, ...]] | None
) -> None:
    """Others are not asked after; None where the answer is another one than that."""
    models = Reply(200, json.dumps({"models": [{"modelName": name} for name in listed.split()]}).encode())
    visitor: Visitor = _Listing(json.dumps(described).encode())  # type: ignore[assignment]
    assert _registered(visitor, "key", models, {"net", "edgent-probe"}) == expected
