"""Whom Prometheus asks: the part of its configuration that is edgent's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

METRICS_PORT = 9100
"""Of a device, where nobody says otherwise."""
DEVICES, EDGES, PROXIES = "edgent-devices", "edgent-edges", "edgent-proxy"
"""Jobs of Prometheus."""


def prometheus_configuration(
    edges: Sequence[str], proxy: str | None = None, devices: Sequence[str] = (f"localhost:{METRICS_PORT}",)
) -> dict[str, Any]:
    """The content of Prometheus' configuration.

    Args:
        edges: TorchServes' metrics, ``HOST:PORT`` each.
        proxy: the same of HAProxy; None where there is none.
        devices: the same of devices that run with ``--metrics-port``.
    """
    proxies = [] if proxy is None else [_job(PROXIES, [proxy])]
    return {
        "global": {"scrape_interval": "15s", "evaluation_interval": "15s"},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [_job(DEVICES, devices), _job(EDGES, edges), *proxies],
    }


def silent(job: str) -> str:
    """PromQL that gives something while a target of a job does not answer, or the job has no target."""
    return f'up{{job="{job}"}} == 0 or absent(up{{job="{job}"}})'


def _job(name: str, targets: Sequence[str]) -> dict[str, Any]:
    return {"job_name": name, "static_configs": [{"targets": [*targets]}]}
