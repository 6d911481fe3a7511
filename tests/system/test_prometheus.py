"""A real Prometheus asks a device, a TorchServe and HAProxy: what is drawn and alerted on is there."""

from __future__ import annotations

import contextlib
import json
import math
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import numpy as np
import pytest
import yaml

from device_runtime import DeviceRuntime
from device_runtime.watching.metrics import DeviceMetrics
from edgent.deploy.kubernetes.names import Names
from edgent.deploy.kubernetes.scaling import late_query, waiting_query
from edgent.deploy.monitoring.dashboard import dashboard
from edgent.deploy.monitoring.rules import rule_groups
from edgent.deploy.monitoring.scraping import PROXIES, prometheus_configuration, silent
from edgent.deploy.served_store import question_to
from edgent.edge.store import build_store
from edgent.inputs import GivenInput
from edgent.network import Network
from edgent.spec import read_spec
from tests.system.proxied import beside, running_proxy, start_edge
from tests.torchserve_fixtures import ended_at_once

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tests.system.proxied import RunningProxy

pytestmark = [
    pytest.mark.torchserve,
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="Prometheus is not installed"),
    pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed"),
]

LENET = Path(__file__).parents[2] / "pipelines" / "lenet.yaml"
PLANS = ("exit2:p3", "exit1:p2:uint8", None)
IMAGE = np.random.default_rng(7).integers(0, 256, (1, 28, 28), np.uint8)
PATIENCE_S = 60.0
NAMES = Names("lenet")
GROUPS = rule_groups(silent(PROXIES))


@dataclass(frozen=True)
class Prometheus:
    """One that runs."""

    url: str

    def ask(self, path: str, **parameters: str) -> Any:
        """What its interface for programs answers."""
        with urlopen(f"{self.url}/api/v1/{path}?{urlencode(parameters)}", timeout=10) as answer:
            said = json.load(answer)
        assert said["status"] == "success", said
        return said["data"]

    def series(self, query: str) -> list[dict[str, Any]]:
        """A query's series now, with labels and values."""
        found: list[dict[str, Any]] = self.ask("query", query=query)["result"]
        return found

    def values(self, query: str) -> list[float]:
        """The values of a query's series now."""
        return [float(series["value"][1]) for series in self.series(query)]

    def draws(self, query: str, labels: Collection[str]) -> bool:
        """Whether a query gives a number now that has labels."""
        return any(
            math.isfinite(float(series["value"][1])) and series["metric"].keys() >= set(labels)
            for series in self.series(query)
        )


@contextlib.contextmanager
def running_prometheus(folder: Path, configuration: dict[str, Any]) -> Iterator[Prometheus]:
    """Prometheus with this configuration and edgent's rules, until the context ends."""
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": GROUPS}), encoding="utf-8")
    log = folder / "prometheus.log"
    with log.open("wb") as target:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yaml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                "--web.listen-address=127.0.0.1:0",
            ],
            stdout=target,
            stderr=target,
        )
    try:
        yield _listening(process, log)
    finally:
        process.kill()
        process.wait()


def _listening(process: subprocess.Popen[bytes], log: Path) -> Prometheus:
    """It, once it answers; its log says on which port."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        text = log.read_text(errors="replace")
        assert process.poll() is None, text
        _, found, rest = text.partition('Listening on" address=127.0.0.1:')
        if found:
            prometheus = Prometheus(f"http://127.0.0.1:{rest.split()[0]}")
            with contextlib.suppress(URLError):
                prometheus.ask("query", query="1")
                return prometheus
        time.sleep(0.05)
    raise AssertionError("Prometheus did not answer")


@dataclass(frozen=True)
class Site:
    """A device that is asked, and Prometheus, which asks everybody every second."""

    device: DeviceRuntime
    metrics: DeviceMetrics
    prometheus: Prometheus

    def infer(self, rounds: int) -> list[Any]:
        """Have the device answer by each plan, and count it."""
        answers = []
        for plan in PLANS * rounds:
            answers.append(self.device.infer(IMAGE, 5.0, plan))
            self.metrics.answered(0, GivenInput("image", IMAGE), answers[-1])
        return answers

    def wait_for(self, query: str, value: float) -> None:
        """Have the device answer on until a query gives a value."""
        deadline = time.monotonic() + PATIENCE_S
        while self.prometheus.values(query) != [value]:
            assert time.monotonic() < deadline, (query, self.prometheus.values(query), value)
            time.sleep(0.2)


def _configuration(metrics_address: str, proxy: RunningProxy, device_port: int) -> dict[str, Any]:
    """As `edgent deploy` writes it, but for the seconds, and with the label that a cluster gives its pods."""
    edge = urlsplit(metrics_address).netloc
    configuration = prometheus_configuration([edge], proxy.operators, [f"127.0.0.1:{device_port}"])
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    for job in configuration["scrape_configs"]:
        job["static_configs"][0]["labels"] = {"service": NAMES.pods}
    return configuration


def _hot(system: Path) -> Path:
    """A machine that tells its temperature, and that it is throttled."""
    for device, files in {
        "thermal_zone0": {"type": "cpu-thermal", "temp": "71000"},
        "cooling_device0": {"type": "cpufreq-cpu0", "cur_state": "0"},
    }.items():
        folder = system / "class" / "thermal" / device
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="ascii")
    return system


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """LeNet behind a proxy; a device that plans."""
    folder = tmp_path_factory.mktemp("site")
    network = Network.open(read_spec(LENET), folder / "cache")
    path = network.graph.paths[1]
    windows = [(path.cut_tensor(0), path.cut_tensor(stop)) for stop in (2, 3)]
    models = build_store(folder / "store", [], warm=[(network, windows)])
    with contextlib.ExitStack() as held, pytest.MonkeyPatch.context() as patch:
        server = held.enter_context(start_edge(folder / "store", models))
        held.enter_context(ended_at_once(server))
        proxy = held.enter_context(running_proxy(folder, [beside(server, "edge1")], [question_to(network)]))
        patch.setenv("SSL_CERT_FILE", str(proxy.folder / "ca.pem"))
        device = held.enter_context(
            DeviceRuntime.open(
                LENET, inference_url=proxy.url, token_file=proxy.folder / "token", cache=folder / "cache"
            )
        )
        metrics = DeviceMetrics(device, system=_hot(folder / "sys"))
        held.callback(metrics.close)
        configuration = _configuration(server.addresses.metrics, proxy, metrics.serve(0))
        yield Site(device, metrics, held.enter_context(running_prometheus(folder, configuration)))


def test_counts_arrive_as_they_are(site: Site) -> None:
    """What the device counted, and what the worker did, summed up by TorchServe."""
    before = site.prometheus.values('sum(edgent_window_requests_total{outcome="answered"})')
    answers = site.infer(20)
    assert not [answer.edge_error for answer in answers if answer.edge_error]
    remote = [answer for answer in answers if answer.edge is not None]
    assert len(remote) >= 40
    site.wait_for("sum(edgent_device_answered_total)", len(answers))
    site.wait_for('sum(edgent_device_answered_total{by!="device"})', len(remote))
    site.wait_for('sum(edgent_window_requests_total{outcome="answered"})', len(remote) + sum(before))
    sent = sum(answer.timeline.sent_bytes for answer in answers)
    site.wait_for('sum(edgent_device_bytes_total{direction="up"})', sent)
    windows = site.prometheus.series('edgent_window_requests_total{outcome="answered"}')
    assert {series["metric"]["window"] for series in windows} == {"lenet exit1 p0-p2", "lenet exit1 p0-p3"}
    (edge_s,) = site.prometheus.values("sum(edgent_window_compute_seconds_total)")
    assert edge_s == pytest.approx(sum(answer.timeline.edge_s for answer in remote), rel=0.01, abs=1e-3)


def test_everything_that_is_drawn_is_there(site: Site) -> None:
    """Each query of the dashboard gives numbers with its legend's labels, once Prometheus has asked twice."""
    targets = [target for panel in dashboard()["panels"] for target in panel.get("targets", ())]
    assert len(targets) > 20
    missing = {
        _filled_in(target["expr"]): re.findall(r"{{(\w+)}}", target["legendFormat"]) for target in targets
    }
    deadline = time.monotonic() + PATIENCE_S
    while missing:
        assert time.monotonic() < deadline, "\n".join(missing)
        site.infer(5)
        missing = {
            query: labels for query, labels in missing.items() if not site.prometheus.draws(query, labels)
        }


def _filled_in(query: str) -> str:
    """A query as Grafana asks it, of all devices and edges."""
    for name, value in {"$__rate_interval": "30s", "$device": ".*", "$edge": ".*"}.items():
        query = query.replace(name, value)
    return query


def test_alerts_are_looked_at_and_silent(site: Site) -> None:
    """Prometheus has evaluated each without an error, and none fires while all is well."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        rules = [rule for group in site.prometheus.ask("rules")["groups"] for rule in group["rules"]]
        if all(rule["health"] == "ok" for rule in rules):
            break
        assert time.monotonic() < deadline, [(rule["name"], rule["health"]) for rule in rules]
        time.sleep(0.2)
    assert len(rules) == sum(len(group["rules"]) for group in GROUPS)
    assert [rule["name"] for rule in rules if rule["state"] == "firing"] == []


def test_a_device_tells_when_the_certificate_ends(site: Site) -> None:
    """That of the proxy: in 90 days."""
    site.infer(1)
    site.wait_for("round((min(edgent_device_certificate_expiry_timestamp_seconds) - time()) / 86400)", 90.0)


def test_an_autoscaler_would_see_numbers(site: Site) -> None:
    """The queries by which a cluster adds pods: some time in the queue, and a share that is late."""
    site.infer(20)
    deadline = time.monotonic() + PATIENCE_S
    while not (waiting := site.prometheus.values(waiting_query(NAMES))) or waiting == [0.0]:
        assert time.monotonic() < deadline, waiting
        site.infer(5)
    assert 0 < waiting[0] < 1
    assert site.prometheus.values(late_query(NAMES)) == [0.0]
    refused = site.prometheus.values('haproxy_server_http_responses_total{proxy="edges",code="5xx"}')
    assert refused == [0.0]  # the series that it counts late ones by is there
