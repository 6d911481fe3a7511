"""The files of a deployment with which Prometheus and Grafana look at it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edgent.deploy.monitoring.dashboard import dashboard
from edgent.deploy.monitoring.rules import rule_groups
from edgent.deploy.monitoring.scraping import EDGES, PROXIES, prometheus_configuration, silent
from edgent.deploy.written_yaml import written_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

_FOLDER = "monitoring"


def monitoring_files(edges: Sequence[str] = (), proxy: str | None = None) -> dict[str, str]:
    """Texts by their place in the deployment: the dashboard, and what a Prometheus of one's own reads.

    Args:
        edges: TorchServes' metrics, ``HOST:PORT`` each; none where a cluster has objects for whom Prometheus
            asks and when it alerts.
        proxy: the same of the HAProxy that devices connect to; None where they connect to the edges.
    """
    files = {"dashboard.json": json.dumps(dashboard(), indent=2) + "\n"}
    if edges:
        groups = rule_groups(silent(EDGES if proxy is None else PROXIES))
        files["prometheus.yaml"] = written_yaml(prometheus_configuration(edges, proxy))
        files["rules.yaml"] = written_yaml({"groups": groups})
    return {f"{_FOLDER}/{name}": text for name, text in files.items()}
