"""The doctor finds what is planted in real servers, and passes a good one."""

from __future__ import annotations

import datetime as dt
import json
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import onnx
import pytest
from typer.testing import CliRunner

from edgent.cli import application
from edgent.core.probe import PROBE
from edgent.core.served_version import served_version
from edgent.core.wire import WIRE_VERSION
from edgent.doctor.checks import diagnose
from edgent.doctor.observe import observe
from edgent.edge.mar import head_files, mar_file, write_mar
from edgent.edge.serving import Serving
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe, free_addresses
from edgent.network import Network
from edgent.spec import read_spec
from tests.torchserve_fixtures import ended_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.doctor.finding import Finding
    from edgent.edge.configuration import ServedModel
    from edgent.edge.mar import MarFile

pytestmark = pytest.mark.torchserve
SPEC = Path(__file__).parents[2] / "pipelines" / "lenet.yaml"
WARM, OTHER_WIRE, COLD, MISSING = "lenet-p02", "lenet-p02", "lenet-p01", "lenet-exit2-p12"


@dataclass(frozen=True)
class Served:
    """A server and the store that it serves."""

    server: TorchServe
    store: Path

    def examine(self, network: Network, management_url: str | None = None) -> dict[str, Finding]:
        """Findings by check, the last where a check has several."""
        seen = observe(
            network,
            self.server.addresses.inference,
            token_file=self.server.token_file,
            management_url=management_url or self.server.addresses.management,
            store=self.store,
        )
        return {finding.check: finding for finding in diagnose(seen)}


def _wrong(findings: dict[str, Finding]) -> set[str]:
    wrong = [finding for finding in findings.values() if finding.state == "wrong"]
    assert all(finding.remedy for finding in wrong)
    return {finding.check for finding in wrong}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The shipped LeNet."""
    return Network.open(read_spec(SPEC), tmp_path_factory.mktemp("cache"))


def _store(folder: Path, network: Network, warm: set[str]) -> list[ServedModel]:
    return build_store(folder, plan_archives([network], warm))


@pytest.fixture(scope="module")
def expiring(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Its tokens last half a minute, and nothing has a worker."""
    store = tmp_path_factory.mktemp("expiring")
    models = [replace(model, workers=0) for model in _store(store, network, set())]
    with TorchServe(store, models, settings={"token_expiration_min": "0.5"}) as server, ended_at_once(server):
        yield Served(server, store)


@pytest.fixture(scope="module")
def good(
    network: Network,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """As `edgent archive` configures it."""
    store = tmp_path_factory.mktemp("good")
    with TorchServe(store, _store(store, network, {WARM})) as server, ended_at_once(server):
        yield Served(server, store)


@pytest.fixture(scope="module")
def bad(
    network: Network,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """No tokens, bound to everything, open to registration; a head missing, one cold, one of other wire."""
    store = tmp_path_factory.mktemp("bad")
    models = {model.name: model for model in _store(store, network, {OTHER_WIRE, COLD})}
    del models[MISSING]
    models[COLD] = replace(models[COLD], workers=0)
    models[PROBE] = replace(models[PROBE], workers=0)
    models[OTHER_WIRE] = replace(models[OTHER_WIRE], mar=_of_another_wire_version(store, network))
    addresses = free_addresses()
    everywhere = {
        "inference_address": addresses.inference.replace("127.0.0.1", "0.0.0.0"),
        "management_address": addresses.management.replace("127.0.0.1", "0.0.0.0"),
        "enable_model_api": "true",
        "disable_token_authorization": "true",
    }
    with (
        TorchServe(
            store, list(models.values()), addresses=addresses, settings=everywhere, tokens=False
        ) as server,
        ended_at_once(server),
    ):
        yield Served(server, store)


def _of_another_wire_version(store: Path, network: Network) -> MarFile:
    """The archive of a head whose carried edgent speaks another wire version."""
    onnx_bytes = network.segments.standalone(1, 0, 2)
    serving = Serving(network.graph.sha256, network.spec.edge.providers, {}, response_timeout_s=20)
    files = head_files(OTHER_WIRE, onnx_bytes, serving)
    ours = f"WIRE_VERSION = {WIRE_VERSION}".encode()
    assert ours in files["edgent/core/wire.py"]
    files["edgent/core/wire.py"] = files["edgent/core/wire.py"].replace(ours, b"WIRE_VERSION = 77")
    return write_mar(store / mar_file(OTHER_WIRE, served_version(network.graph.sha256)), files)


def test_a_good_server_passes(good: Served, network: Network) -> None:
    """Nothing is wrong and nothing is left out."""
    findings = good.examine(network)
    assert {check: one.finding for check, one in findings.items() if one.state != "ok"} == {}
    assert {"tokens on", "our token", "heads ready", "who may register", "bound to"} <= set(findings)
    assert findings["heads ready"].finding.startswith(WARM)
    assert findings["pipeline"].finding.startswith("any of 100 windows of lenet")


def test_a_wrong_digest(good: Served, network: Network, tmp_path: Path) -> None:
    """The spec names another model than the archives were cut from: its version is not there."""
    model = onnx.load(str(SPEC.parent / "lenet" / "network.onnx"))
    entry = model.metadata_props.add()
    entry.key, entry.value = "trained", "again"
    (tmp_path / "lenet").mkdir()
    onnx.save(model, str(tmp_path / "lenet" / "network.onnx"))
    spec = tmp_path / "lenet.yaml"
    lines = SPEC.read_text(encoding="utf-8").splitlines()
    spec.write_text("\n".join(line for line in lines if "sha256" not in line), encoding="utf-8")
    findings = good.examine(Network.open(read_spec(spec), tmp_path / "cache"))
    assert _wrong(findings) == {"model version", "heads known"}
    assert f"only {served_version(network.graph.sha256)}" in findings["model version"].finding
    assert "edgent archive" in findings["model version"].remedy


def test_an_unreachable_management(good: Served, network: Network) -> None:
    """Nobody listens at the management address."""
    findings = good.examine(network, free_addresses().management)
    assert _wrong(findings) == {"management"}
    assert findings["not checked"].finding == "names, who may register"


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("tokens on", "a request without a token is answered"),
        ("who may register", "the model API is open, and without a token"),
        ("heads known", f"no {MISSING}"),
        ("heads ready", f"no worker for {COLD}"),
        ("wire version", "wire version 1, but this side speaks 77"),
        ("round trip", "has no worker"),
    ],
)
def test_everything_planted_is_found(bad_findings: dict[str, Finding], check: str, said: str) -> None:
    """Each check names its plant, though the others are there, too."""
    assert bad_findings[check].state == "wrong"
    assert said in bad_findings[check].finding


@pytest.fixture(scope="module")
def bad_findings(bad: Served, network: Network) -> dict[str, Finding]:
    """What the doctor says of the bad server."""
    return bad.examine(network)


def test_bound_to_everything(bad: Served, network: Network) -> None:
    """Both addresses that listen on all interfaces are told, each with its own finding; metrics is not."""
    addresses = bad.server.addresses
    seen = observe(
        network, addresses.inference, token_file=None, management_url=addresses.management, store=bad.store
    )
    bound = sorted(finding.finding for finding in diagnose(seen) if finding.check == "bound to")
    assert [text.split(" listens on ")[0] for text in bound] == ["inference", "management"]
    for text, address in zip(bound, (addresses.inference, addresses.management), strict=True):
        assert address.rsplit(":", 1)[1] in text


def test_the_command(good: Served, bad: Served) -> None:
    """Exit code 0 and no complaint for a good server, 1 and the remedies for a bad one."""
    for served, code in ((good, 0), (bad, 1)):
        addresses = served.server.addresses
        arguments = ["doctor", str(SPEC), "--url", addresses.inference, "--store", str(served.store)]
        arguments += ["--management-url", addresses.management]
        arguments += ["--token-file", str(served.server.token_file), "--json"]
        result = CliRunner().invoke(application, arguments)
        assert result.exit_code == code, result.output
        report = json.loads(result.stdout)
        assert report["good"] is (code == 0)
    shown = CliRunner().invoke(
        application, [one for one in arguments if one != "--json"], env={"COLUMNS": "200"}
    )
    assert shown.exit_code == 1
    assert "--disable-token-auth" in shown.stdout


@pytest.mark.full
def test_an_expired_token(expiring: Served, network: Network) -> None:
    """Half a minute after the start the token's time has come, and the doctor says so."""
    keys = json.loads(expiring.server.token_file.read_text(encoding="utf-8"))
    text = keys["inference"]["expiration time"]
    expires = dt.datetime.fromisoformat(text[:19]).replace(tzinfo=dt.timezone.utc) + dt.timedelta(seconds=1)
    left_s = (expires - dt.datetime.now(dt.timezone.utc)).total_seconds()
    threading.Event().wait(max(left_s, 0))  # what is tested is that this time has passed
    findings = expiring.examine(network)
    assert _wrong(findings) == {"our token"}
    assert findings["our token"].finding.startswith("expired at")
    assert "heads ready" in findings["not checked"].finding
