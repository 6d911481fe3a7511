"""The alerts, by Prometheus' own checker: they are rules, and they fire when they should and not before."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from edgent.deploy.monitoring.rules import rule_groups
from edgent.deploy.monitoring.scraping import PROXIES, prometheus_configuration, silent

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool (Prometheus) is not installed"
)

NOTHING_WRONG = {
    'edgent_device_late_total{instance="d"}': "0+1x20",
    'edgent_device_latency_seconds_count{instance="d"}': "0+100x20",
    'edgent_device_edge_left_alone{instance="d",edge="e"}': "0x20",
    'edgent_device_edge_errors_total{instance="d",kind="QueueFullError"}': "0x20",
    'ts_queue_latency_microseconds{instance="e"}': "0+1000000x20",
    'edgent_window_requests_total{instance="e",window="w",outcome="answered"}': "0+1000x20",
    'edgent_window_requests_total{instance="e",window="w",outcome="expired"}': "0+1x20",
    'edgent_window_requests_total{instance="e",window="w",outcome="failed"}': "0x20",
    'edgent_device_drifts_total{instance="d"}': "0x20",
    'edgent_device_throttled{instance="d"}': "0x20",
    'haproxy_server_status{instance="p",proxy="edges",server="edge1",state="UP"}': "0x20",
    'haproxy_server_status{instance="p",proxy="edges",server="edge2",state="UP"}': "1x20",
    'edgent_device_certificate_expiry_timestamp_seconds{instance="d",edge="e"}': "10000000x20",
    'probe_ssl_earliest_cert_expiry{instance="https://edge"}': "10000000x20",
    'up{job="edgent-proxy",instance="p"}': "1x20",
}
WRONG = {
    "EdgentLate": ('edgent_device_late_total{instance="d"}', "0+10x20"),
    "EdgentEdgeLost": ('edgent_device_edge_left_alone{instance="d",edge="e"}', "1x20"),
    "EdgentQueueFull": ('edgent_device_edge_errors_total{instance="d",kind="QueueFullError"}', "0+1x20"),
    "EdgentWaiting": ('ts_queue_latency_microseconds{instance="e"}', "0+1200000000x20"),
    "EdgentExpired": (
        'edgent_window_requests_total{instance="e",window="w",outcome="expired"}',
        "0+100x20",
    ),
    "EdgentWindowFails": ('edgent_window_requests_total{instance="e",window="w",outcome="failed"}', "0+1x20"),
    "EdgentDrift": ('edgent_device_drifts_total{instance="d"}', "0x5 1x14"),
    "EdgentThrottled": ('edgent_device_throttled{instance="d"}', "1x20"),
    "EdgentNoEdge": ('haproxy_server_status{instance="p",proxy="edges",server="edge2",state="UP"}', "0x20"),
    "EdgentCertificate": (
        'edgent_device_certificate_expiry_timestamp_seconds{instance="d",edge="e"}',
        "1000000x20",
    ),
    "EdgentSilent": ('up{job="edgent-proxy",instance="p"}', "0x20"),
}
GROUPS = rule_groups(silent(PROXIES))
ALERTS = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With the rules, and a configuration that names them."""
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": GROUPS}), encoding="utf-8")
    configuration = prometheus_configuration(["edge1:8082"], "proxy:8405")
    (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    return tmp_path


def _promtool(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["promtool", *words], cwd=folder, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _fire(folder: Path, series: dict[str, str], expected: dict[str, int]) -> None:
    """Check with Prometheus' own evaluation how many alerts of each name fire after a quarter of an hour."""
    test = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [
                    {
                        "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)',
                        "eval_time": "15m",
                        "exp_samples": [{"labels": "{}", "value": expected.get(name, 0)}],
                    }
                    for name in ALERTS
                ],
            }
        ],
    }
    (folder / "test.yaml").write_text(yaml.safe_dump(test), encoding="utf-8")
    _promtool(folder, "test", "rules", "test.yaml")


def test_they_are_rules(folder: Path) -> None:
    """And the configuration is Prometheus' own."""
    assert f"{len(ALERTS)} rules found" in _promtool(folder, "check", "rules", "rules.yaml")
    _promtool(folder, "check", "config", "prometheus.yaml")


def test_nothing_fires_while_nothing_is_wrong(folder: Path) -> None:
    """One in a hundred is late, one in a thousand expires, one request waits: that is how it is."""
    _fire(folder, NOTHING_WRONG, {})


@pytest.mark.parametrize("name", WRONG)
def test_each_fires_alone(folder: Path, name: str) -> None:
    """Where one thing is wrong."""
    series, values = WRONG[name]
    _fire(folder, NOTHING_WRONG | {series: values}, {name: 1})


def test_a_proxy_that_is_no_target_any_more(folder: Path) -> None:
    """It tells nothing, and so do its edges: one alert fires all the same."""
    told = {
        name: values for name, values in NOTHING_WRONG.items() if not name.startswith(("up{", "haproxy_"))
    }
    _fire(folder, told, {"EdgentSilent": 1})


def test_a_certificate_that_a_blackbox_exporter_sees(folder: Path) -> None:
    """As well as one that devices see."""
    series = 'probe_ssl_earliest_cert_expiry{instance="https://edge"}'
    _fire(folder, NOTHING_WRONG | {series: "1000000x20"}, {"EdgentCertificate": 1})


def test_none_is_left_out() -> None:
    """Every alert is made to fire above, and says what to do."""
    assert set(WRONG) == set(ALERTS)
    said: list[dict[str, Any]] = [rule["annotations"] for rule in ALERTS.values()]
    assert all(one["summary"] and one["description"].endswith(".") for one in said)
