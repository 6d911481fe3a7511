"""Over TLS from end to end: a device, a TorchServe with certificates of our own, and ways to get it wrong."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from device_runtime.runtime import DeviceRuntime
from edgent.doctor.checks import diagnose
from edgent.doctor.observe import observe
from edgent.edge.certificates import CertificateFiles, write_certificates
from edgent.edge.configuration import TlsFiles
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe, free_addresses
from edgent.inputs import read_inputs
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec
from tests.torchserve_fixtures import ended_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.doctor.finding import Finding

pytestmark = pytest.mark.torchserve
PIPELINES = Path(__file__).parents[2] / "pipelines"
SAMPLES = PIPELINES / "lenet" / "samples"
PLAN = Plan("exit2", 2, codec_down="uint8")
HEAD = "lenet-p02"
PATIENT_S = 10.0
NOW = dt.datetime.now(dt.timezone.utc)


@dataclass(frozen=True)
class SecureEdge:
    """A server over TLS, the files that it uses, and its store."""

    server: TorchServe
    files: CertificateFiles
    store: Path
    cache: Path

    @property
    def port(self) -> int:
        """Of inference."""
        return int(self.server.addresses.inference.rsplit(":", 1)[1])


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureEdge]:
    """LeNet with one warm head behind https on all interfaces, as `edgent archive` configures it."""
    folder = tmp_path_factory.mktemp("tls")
    files = write_certificates(folder / "certificates", ["localhost"], 40, NOW)
    tls = TlsFiles(files.certificate, files.private_key)
    network = Network.open(read_spec(PIPELINES / "lenet.yaml"), folder / "cache")
    addresses = free_addresses()
    port, grpc_port = (url.rsplit(":", 1)[1] for url in (addresses.inference, addresses.grpc_inference))
    addresses = replace(
        addresses, inference=f"https://0.0.0.0:{port}", grpc_inference=f"grpcs://127.0.0.1:{grpc_port}"
    )
    models = build_store(folder / "store", plan_archives([network], {HEAD}), addresses=addresses, tls=tls)
    written = (folder / "store" / "config.properties").read_text(encoding="utf-8")
    settings = dict(line.split("=", 1) for line in written.splitlines())
    with (
        TorchServe(folder / "store", models, addresses=addresses, settings=settings) as server,
        ended_at_once(server),
    ):
        yield SecureEdge(server, files, folder / "store", folder / "cache")


def _spec(folder: Path, edge: SecureEdge, authority: Path) -> Path:
    """The shipped pipeline with an edge that is trusted through an authority."""
    shutil.copytree(PIPELINES / "lenet", folder / "lenet")
    text = (PIPELINES / "lenet.yaml").read_text(encoding="utf-8")
    text = text[: text.index("\nedge:")]
    text += f"\nedge: {{inference_url: 'https://localhost:{edge.port}', ca_file: '{authority}'}}\n"
    spec = folder / "lenet.yaml"
    spec.write_text(text, encoding="utf-8")
    return spec


def _open(spec: Path, edge: SecureEdge, url: str | None = None) -> DeviceRuntime:
    return DeviceRuntime.open(
        spec, plan=PLAN, inference_url=url, token_file=edge.server.token_file, cache=edge.cache
    )


def test_grpc_end_to_end(edge: SecureEdge, tmp_path: Path) -> None:
    """The same over gRPC and TLS, with the same certificate."""
    port = edge.server.addresses.grpc_inference.rsplit(":", 1)[1]
    spec = _spec(tmp_path, edge, edge.files.authority)
    with _open(spec, edge, f"grpcs://localhost:{port}") as runtime:
        for one in read_inputs(SAMPLES, runtime.network.spec):
            assert one.tensor is not None
            answer = runtime.infer(one.tensor, latency_requirement_s=PATIENT_S)
            assert answer.edge_error is None
            assert answer.plan == PLAN


def test_a_wrong_authority_gets_no_token_over_grpc(edge: SecureEdge, tmp_path: Path) -> None:
    """The certificate is not accepted, so nothing is said to that server; the device answers alone."""
    others = write_certificates(tmp_path / "others", ["localhost"], 40, NOW)
    port = edge.server.addresses.grpc_inference.rsplit(":", 1)[1]
    spec = _spec(tmp_path, edge, others.authority)
    with _open(spec, edge, f"grpcs://localhost:{port}") as runtime:
        one = next(iter(read_inputs(SAMPLES, runtime.network.spec)))
        assert one.tensor is not None
        answer = runtime.infer(one.tensor, latency_requirement_s=PATIENT_S)
    assert answer.edge_error is not None
    assert "certificate is not accepted" in answer.edge_error
    assert not answer.plan.remote


def test_end_to_end(edge: SecureEdge, tmp_path: Path) -> None:
    """Heads run behind TLS, tails here; the labels are those of the same exit run here alone."""
    with _open(_spec(tmp_path, edge, edge.files.authority), edge) as runtime:
        for one in read_inputs(SAMPLES, runtime.network.spec):
            assert one.tensor is not None
            answer = runtime.infer(one.tensor, latency_requirement_s=PATIENT_S)
            assert answer.edge_error is None
            assert answer.plan == PLAN
            alone = runtime.infer(one.tensor, latency_requirement_s=PATIENT_S, plan=Plan("exit2", 0))
            assert answer.label == alone.label


@pytest.mark.parametrize(
    ("url", "trusted", "said"),
    [
        ("https://localhost:{port}", "other", "its certificate is not accepted"),
        ("https://127.0.0.1:{port}", "ours", "its certificate is not accepted: IP address mismatch"),
        ("http://localhost:{port}", "ours", "the edge speaks https only"),
        ("https://localhost:{closed}", "ours", "refused"),
    ],
)
def test_what_goes_wrong_is_said_and_answered_here(
    edge: SecureEdge, tmp_path: Path, url: str, trusted: str, said: str
) -> None:
    """Another authority or host, http at the https port, nobody there: a local answer with the reason."""
    other = write_certificates(tmp_path / "other", ["localhost"], 40, NOW).authority
    spec = _spec(tmp_path, edge, edge.files.authority if trusted == "ours" else other)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = url.format(port=edge.port, closed=taken.getsockname()[1])
        with _open(spec, edge, address) as runtime:
            (one, *_) = read_inputs(SAMPLES, runtime.network.spec)
            assert one.tensor is not None
            answer = runtime.infer(one.tensor, latency_requirement_s=PATIENT_S)
    assert not answer.plan.remote
    assert answer.edge_error is not None
    assert answer.edge_error.startswith("EdgeUnreachableError: ")
    assert said in answer.edge_error


def _examine(edge: SecureEdge, spec: Path) -> dict[str, Finding]:
    seen = observe(
        Network.open(read_spec(spec), edge.cache),
        f"https://localhost:{edge.port}",
        token_file=edge.server.token_file,
        management_url=edge.server.addresses.management,
        store=edge.store,
    )
    return {finding.check: finding for finding in diagnose(seen)}


def test_the_doctor_passes_it(edge: SecureEdge, tmp_path: Path) -> None:
    """Inference on all interfaces is in order over TLS with tokens, and nothing else leaves loopback."""
    findings = _examine(edge, _spec(tmp_path, edge, edge.files.authority))
    assert {check: one.finding for check, one in findings.items() if one.state != "ok"} == {}
    assert "edgent development authority" in findings["TLS"].finding
    assert "over TLS" in findings["bound to"].finding


def test_the_doctor_finds_the_wrong_authority(edge: SecureEdge, tmp_path: Path) -> None:
    """It says so and sends no token there; what does not need inference is checked all the same."""
    other = write_certificates(tmp_path / "other", ["localhost"], 40, NOW).authority
    findings = _examine(edge, _spec(tmp_path, edge, other))
    assert [check for check, one in findings.items() if one.state == "wrong"] == ["TLS"]
    assert "did not sign the server's certificate" in findings["TLS"].finding
    assert findings["who may register"].state == "ok"
    assert "our token" in findings["not checked"].finding
