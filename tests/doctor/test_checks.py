"""What the checks make of what was seen, for what no quick server shows."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest

from edgent.core.wire import WIRE_VERSION, WIRE_VERSION_WITH_EXITS, Frame, write_frame
from edgent.doctor.checks import CHECKS, diagnose
from edgent.doctor.finding import Finding
from edgent.doctor.observations import (
    Connection,
    Keys,
    Listener,
    ManagementSeen,
    Observations,
    Reply,
    Runtimes,
)

HERE = "http://[::1]"
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
REFUSED = Reply(
    400, b'{"code": 400, "type": "InvalidKeyException", "message": "Token Authorization failed."}'
)
CLOSED = Reply(405, b'{"code": 405, "message": "Requested method is not allowed"}')
DONE = Reply(200, b"", 0.004)
UNKNOWN = Reply(404, b'{"message": "Model not found"}')
OTHER_VERSION = Reply(404, b'{"type": "ModelVersionNotFoundException", "message": "Model version: 01"}')
NO_WORKER = Reply(503, b'{"message": "Model has no worker"}')

SOUND = Observations(
    url="https://10.0.0.5:8443",
    on_this_host=True,
    now=NOW,
    connection=Connection(issuer="our authority", expires=NOW + dt.timedelta(days=100)),
    keys=Keys("key_file.json", "a", "b", NOW + dt.timedelta(hours=5)),
    anonymous=REFUSED,
    probes=(replace(DONE, elapsed_s=0.009), DONE),
    pipeline_name="net",
    version="0123456789ab",
    description=Reply(200, json.dumps({"info": {"version": "0.12.0"}}).encode()),
    management=ManagementSeen("http://127.0.0.1:8081", DONE, CLOSED, REFUSED),
    listeners=(Listener("::", 8443), Listener("::ffff:127.0.0.1", 8081)),
    runtimes=Runtimes(("onnxruntime 1.32.0",), "onnxruntime 1.32.0", ("CPUExecutionProvider",)),
    edge_providers=("CPUExecutionProvider",),
)


def _finding(check: str, seen: Observations) -> Finding:
    findings = CHECKS[check](seen)
    assert len(findings) == 1
    assert findings[0].check == check
    assert (findings[0].state == "ok") is (findings[0].remedy == "")
    return findings[0]


@pytest.mark.parametrize(
    ("reply", "state", "said", "remedy"),
    [
        (DONE, "ok", "the edge reads avif", ""),
        (Reply(504, b'{"message": "0.001 ms are left"}'), "ok", "the edge reads avif", ""),
        (
            Reply(400, b'{"message": "this side cannot read avif"}'),
            "wrong",
            "refuses avif pictures: this side cannot read avif",
            "pillow>=11.3",
        ),
    ],
)
def test_an_edge_that_cannot_read_avif(reply: Reply, state: str, said: str, remedy: str) -> None:
    """Only where the spec offers it."""
    finding = _finding("avif pictures", replace(SOUND, offers_avif=True, avif=reply))
    assert finding.state == state
    assert said in finding.finding
    assert remedy in finding.remedy
    assert CHECKS["avif pictures"](replace(SOUND, offers_avif=True)) == []
    assert _finding("avif pictures", replace(SOUND, avif=reply)).state == "ok"


def test_an_archive_that_knows_no_files() -> None:
    """It was built by an earlier edgent."""
    reply = Reply(400, b'{"message": "unknown codec 17 or 2, or element type 1"}')
    finding = _finding("photos' files", replace(SOUND, offers_file=True, file=reply))
    assert finding.state == "wrong"
    assert "refuses photos' own files: unknown codec 17" in finding.finding
    assert "build the archives again" in finding.remedy
    assert _finding("photos' files", replace(SOUND, offers_file=True, file=DONE)).state == "ok"


@pytest.mark.parametrize(
    ("reply", "state", "said", "remedy"),
    [
        (DONE, "ok", "any of 6 windows of net; the whole network is loaded", ""),
        (Reply(425, b""), "ok", "any of 6 windows of net; the whole network was not loaded", ""),
        (UNKNOWN, "warning", "no net 0123456789ab: only heads are served", "edgent archive"),
        (NO_WORKER, "warning", "no worker for net", "models/net/0123456789ab?min_worker=1"),
        (Reply(409, b'{"message": "no window"}'), "wrong", "net: no window", "edgent archive"),
        (Reply(500, b'{"message": "Worker died."}'), "wrong", "net: Worker died.", "scale net to 0"),
    ],
)
def test_the_pipelines_archive(reply: Reply, state: str, said: str, remedy: str) -> None:
    """Told apart from the heads: what it serves, or why it does not."""
    finding = _finding("pipeline", replace(SOUND, heads={"a": DONE}, pipeline=reply, windows=6))
    assert finding.state == state
    assert finding.finding.startswith(said)
    assert remedy in finding.remedy


def test_a_sound_server() -> None:
    """All that was seen is in order; the heads were not looked at, which is said."""
    findings = diagnose(SOUND)
    assert [one.check for one in findings if one.state != "ok"] == ["not checked"]
    assert "heads ready" in findings[-1].finding
    assert findings[-1].remedy.startswith("run the doctor on the edge's own machine")
    assert _finding("round trip", SOUND).finding.startswith("4.0 ms, least of 2")
    assert _finding("bound to", SOUND).finding == "inference listens on :: over TLS, the rest on loopback"


@pytest.mark.parametrize(
    ("connection", "state", "said", "remedy"),
    [
        (Connection(tls_error="unable to get local issuer certificate"), "wrong", "did not sign", "ca.pem"),
        (
            Connection(tls_error="self-signed certificate in certificate chain"),
            "wrong",
            "did not sign",
            "ca.pem",
        ),
        (
            Connection(tls_error="IP address mismatch, not valid for '10.0.0.5'."),
            "wrong",
            "another host",
            "--host",
        ),
        (Connection(tls_error="certificate has expired"), "wrong", "expired", "clock"),
        (
            Connection(tls_error="[SSL: WRONG_VERSION_NUMBER] wrong version number"),
            "wrong",
            "no TLS",
            "http://",
        ),
        (Connection(issuer="x", expires=NOW + dt.timedelta(days=9)), "warning", "9 days left", "edgent tls"),
    ],
)
def test_tls(connection: Connection, state: str, said: str, remedy: str) -> None:
    """Each way that TLS fails has its own remedy."""
    finding = _finding("TLS", replace(SOUND, connection=connection))
    assert finding.state == state
    assert said in finding.finding
    assert remedy in finding.remedy


def test_two_runtimes_over_each_other() -> None:
    """Both are named, and which wins; where the heads run, a provider that is lost that way is wrong."""
    both = Runtimes(
        ("onnxruntime 1.32.0", "onnxruntime-gpu 1.31.0"), "onnxruntime 1.32.0", ("CPUExecutionProvider",)
    )
    seen = replace(SOUND, runtimes=both)
    warned = _finding("onnxruntime", seen)
    assert warned.state == "warning"
    assert warned.finding == (
        "onnxruntime 1.32.0 and onnxruntime-gpu 1.31.0 lie over each other here; "
        "imported is onnxruntime 1.32.0 with CPUExecutionProvider"
    )
    assert "pip uninstall onnxruntime onnxruntime-gpu" in warned.remedy
    lost = replace(seen, edge_providers=("CUDAExecutionProvider", "CPUExecutionProvider"))
    assert _finding("onnxruntime", lost).state == "wrong"
    assert "edge.providers names CUDAExecutionProvider" in _finding("onnxruntime", lost).finding
    assert _finding("onnxruntime", replace(lost, on_this_host=False)).state == "warning"
    elsewhere = replace(lost, on_this_host=False, runtimes=SOUND.runtimes)
    assert _finding("onnxruntime", elsewhere).state == "ok"


def test_no_connection_leaves_nothing_else_to_say() -> None:
    """One finding is wrong, the rest is named as not checked."""
    seen = Observations(
        SOUND.url, on_this_host=False, now=NOW, connection=Connection(error="refused"), keys=SOUND.keys
    )
    findings = diagnose(seen)
    assert [(one.check, one.state) for one in findings] == [
        ("reachable", "wrong"),
        ("not checked", "warning"),
    ]
    assert findings[1].finding.split(", ") == [name for name in CHECKS if name != "reachable"]
    assert findings[1].remedy.startswith("mend what is wrong above; ")


def test_grpc_is_a_convenience() -> None:
    """Without it devices speak HTTP: said, and no reason to fail."""
    assert "devices speak HTTP" in _finding("gRPC", SOUND).finding
    declared = replace(SOUND, grpc_url="grpcs://10.0.0.5:8470", grpc=Connection())
    assert "takes connections" in _finding("gRPC", declared).finding
    refused = _finding("gRPC", replace(declared, grpc=Connection(error="refused")))
    assert refused.state == "warning"
    assert "10.0.0.5:8470: refused" in refused.finding


def test_grpc_beyond_loopback_wants_tls() -> None:
    """Where it is declared with TLS it may listen there like inference; without, and elsewhere, not."""
    listening = (Listener("::", 8443), Listener("0.0.0.0", 8470))
    declared = replace(SOUND, listeners=listening, grpc_url="grpcs://10.0.0.5:8470", grpc=Connection())
    assert _finding("bound to", declared).state == "ok"
    plain = _finding("bound to", replace(declared, grpc_url="grpc://10.0.0.5:8470"))
    assert "gRPC listens on 0.0.0.0:8470 without TLS" in plain.finding
    assert "--grpc-address grpcs" in plain.remedy
    undeclared = _finding("bound to", replace(declared, grpc_url=None))
    assert "another port of the server listens" in undeclared.finding


@pytest.mark.parametrize(("url", "port"), [("grpc://10.0.0.5", 80), ("grpcs://10.0.0.5", 443)])
def test_grpc_at_its_usual_port(url: str, port: int) -> None:
    """That of HTTP, as devices ask there where the address names none."""
    listening = (Listener("::", 8443), Listener("0.0.0.0", port))
    seen = replace(SOUND, listeners=listening, grpc_url=url, grpc=Connection())
    assert _finding("bound to", replace(seen, behind="proxy")).state == "ok"
    finding = _finding("bound to", seen)
    assert (finding.state == "ok") is (port == 443)
    assert port == 443 or finding.finding == "gRPC listens on 0.0.0.0:80 without TLS"


def test_plain_http_to_another_machine() -> None:
    """The address is wrong by itself, whoever listens."""
    seen = replace(SOUND, url="http://10.0.0.5:8080", connection=Connection())
    assert _finding("TLS", seen).state == "wrong"


def test_http_at_a_port_for_https() -> None:
    """TorchServe says so itself; nothing is concluded about tokens."""
    body = b'{"status": "This TorchServe instance only accepts HTTPS requests"}'
    seen = replace(SOUND, anonymous=Reply(403, body), probes=(Reply(403, body),))
    assert "https only" in _finding("reachable", seen).finding
    for check in ("tokens on", "our token", "round trip"):
        assert CHECKS[check](seen) == []


def test_something_that_is_no_torchserve() -> None:
    """A port where something else listens."""
    seen = replace(SOUND, anonymous=Reply(0, b"SSH-2.0"), description=Reply(200, b"<html>"))
    assert "does not answer over HTTP: SSH-2.0" in _finding("reachable", seen).finding
    assert _finding("TorchServe", seen).state == "warning"


@pytest.mark.parametrize(
    ("keys", "state", "said"),
    [
        (Keys("nowhere", problem="no token is named"), "wrong", "no token is named"),
        (Keys("f", "a", "b", NOW - dt.timedelta(minutes=1)), "wrong", "expired at 2026-03-01 11:59"),
        (Keys("f", "a", "b", NOW + dt.timedelta(minutes=1)), "wrong", "old, or of another server"),
        (Keys("EDGENT_TOKEN", "a"), "wrong", "the token from EDGENT_TOKEN is rejected"),
    ],
)
def test_a_rejected_token(keys: Keys, state: str, said: str) -> None:
    """No token, an expired one and a wrong one have different remedies."""
    finding = _finding("our token", replace(SOUND, keys=keys, probes=(REFUSED,)))
    assert finding.state == state
    assert said in finding.finding


def test_a_token_that_ends_soon() -> None:
    """Nothing renews it by itself, so it is said before devices are locked out."""
    keys = replace(SOUND.keys, expires=NOW + dt.timedelta(minutes=20))
    finding = _finding("our token", replace(SOUND, keys=keys))
    assert finding.state == "warning"
    assert "20 minutes" in finding.finding
    assert "edgent token SPEC" in finding.remedy


def test_tokens_are_not_shown() -> None:
    """Not even where the observations are printed."""
    assert "secret" not in repr(Keys("f", "secret1", "secret2"))


def test_ports_open_to_this_machine() -> None:
    """Seen from a device: management should not answer it."""
    seen = replace(SOUND, on_this_host=False, listeners=None, open_ports=(7070, 8081), management=None)
    finding = _finding("bound to", seen)
    assert finding.finding == "this machine reaches gRPC inference (7070), management (8081)"
    assert _finding("bound to", replace(seen, open_ports=())).state == "ok"


@pytest.mark.parametrize(
    ("management", "registering", "state"),
    [
        (ManagementSeen(HERE, DONE, Reply(404, b"{}"), REFUSED), "the model API is open", "wrong"),
        (ManagementSeen(HERE, DONE, Reply(404, b"{}"), Reply(404, b"{}")), "without a token", "wrong"),
        (ManagementSeen(HERE, DONE, CLOSED, CLOSED), "nobody", "ok"),
    ],
)
def test_who_may_register(management: ManagementSeen, registering: str, state: str) -> None:
    """405 is closed; a 404 means that the archive was looked for."""
    finding = _finding("who may register", replace(SOUND, management=management))
    assert finding.state == state
    assert registering in finding.finding


@pytest.mark.parametrize(
    ("warm", "state"), [(frozenset({"a"}), "ok"), (frozenset({"a", "b"}), "wrong"), (None, "ok")]
)
def test_heads_without_a_worker(warm: frozenset[str] | None, state: str) -> None:
    """Only those that the manifest gives a worker must have one; without a manifest one must answer."""
    seen = replace(SOUND, heads=_heads(a=True, b=False), identities={"a": b"12345678", "b": b""}, warm=warm)
    assert _finding("heads ready", seen).state == state


@pytest.mark.parametrize("other", [NO_WORKER, UNKNOWN])
def test_no_head_has_a_worker(other: Reply) -> None:
    """A server that cannot answer anything is wrong, manifest or not."""
    seen = replace(SOUND, heads={"a": NO_WORKER, "b": other})
    assert _finding("heads ready", seen).state == "wrong"


@pytest.mark.parametrize(
    ("built", "known", "state"),
    [
        (frozenset({"a"}), {"a"}, "ok"),
        (frozenset({"a", "b"}), {"a"}, "wrong"),
        (None, {"a"}, "ok"),
        (None, set(), "wrong"),
        (frozenset(), set(), "wrong"),
    ],
)
def test_heads_that_are_not_built(built: frozenset[str] | None, known: set[str], state: str) -> None:
    """A head may be unknown that the manifest does not list; but not all of them."""
    heads = {head: NO_WORKER if head in known else UNKNOWN for head in "ab"}
    finding = _finding("heads known", replace(SOUND, heads=heads, built=built))
    assert finding.state == state
    assert (finding.finding.startswith("1 of 2; net answers for the others")) == (state == "ok")


def test_the_pipeline_answers_for_heads() -> None:
    """No head needs an archive or a worker where the pipeline's archive answers; versions are told by it."""
    for pipeline in (DONE, Reply(425, b"")):
        seen = replace(SOUND, heads={"a": UNKNOWN, "b": UNKNOWN}, pipeline=pipeline)
        for check in ("heads known", "heads ready", "wire version", "model digest"):
            assert _finding(check, seen).state == "ok"
        spoken = f"version {WIRE_VERSION} on both sides; this side also speaks {WIRE_VERSION_WITH_EXITS}"
        assert spoken in _finding("wire version", seen).finding
        assert _finding("heads ready", replace(seen, heads={"a": NO_WORKER, "b": UNKNOWN})).state == "ok"


@pytest.mark.parametrize(
    ("versions", "pipeline", "state", "said"),
    [
        (("0123456789ab",), DONE, "ok", "0123456789ab of net"),
        (("0123456789ab", "ba9876543210"), DONE, "ok", "of net; for other devices also ba9876543210"),
        (("0123456789ab", "1.0", "ba9876543210"), DONE, "ok", "for other devices also ba9876543210"),
        (None, NO_WORKER, "ok", "0123456789ab of net"),
        (("ba9876543210",), OTHER_VERSION, "wrong", "not our 0123456789ab, only ba9876543210"),
        (None, OTHER_VERSION, "wrong", "net is there, but not our 0123456789ab: it is not asked"),
    ],
)
def test_versions_of_the_network(
    versions: tuple[str, ...] | None, pipeline: Reply, state: str, said: str
) -> None:
    """Which there are, as the management API lists them; without it, whether ours is."""
    registered = None if versions is None else {"net": versions}
    management = replace(SOUND.management, registered=registered) if SOUND.management else None
    finding = _finding("model version", replace(SOUND, pipeline=pipeline, management=management))
    assert finding.state == state
    assert said in finding.finding


def test_nothing_is_said_of_versions_where_nothing_is_served() -> None:
    """That no archive is there is said by the checks of heads and pipeline."""
    assert CHECKS["model version"](replace(SOUND, pipeline=UNKNOWN, heads={"a": UNKNOWN})) == []


@pytest.mark.parametrize("reply", [Reply(0, b"timed out"), Reply(500, b'{"message": "Worker died."}')])
def test_a_head_that_fails(reply: Reply) -> None:
    """A worker that hangs or dies is told from one that is not there."""
    finding = _finding("heads ready", replace(SOUND, heads={"a": reply}))
    assert (finding.state, finding.finding) == ("wrong", f"a: {reply.message}")


def test_an_answer_of_another_head() -> None:
    """200 is not enough: the frame must be of the head that was asked."""
    seen = replace(SOUND, heads=_heads(a=True), identities={"a": b"87654321"})
    assert _finding("model digest", seen).state == "wrong"
    assert _finding("model digest", replace(seen, heads={"a": Reply(200, b"no frame")})).state == "wrong"


def _heads(**ready: bool) -> dict[str, Reply]:
    body = write_frame(Frame(np.zeros(0, np.float32), "float32", b"12345678"))
    return {name: Reply(200, body) if is_ready else NO_WORKER for name, is_ready in ready.items()}


def test_another_torchserve() -> None:
    """Untried versions are pointed out, not refused."""
    seen = replace(SOUND, description=Reply(200, json.dumps({"info": {"version": "0.13.1"}}).encode()))
    assert _finding("TorchServe", seen) == Finding(
        "TorchServe",
        "warning",
        "version 0.13.1",
        "edgent is tried with 0.12.0: pip install torchserve==0.12.0",
    )
