"""The files of a deployment with which Prometheus and Grafana look at it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from edgent.deploy.monitoring.dashboard import dashboard
from edgent.deploy.monitoring.rules import rule_groups
from edgent.deploy.written_yaml import written_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLDER = "monitoring"


def monitoring_files(configuration: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Texts by their place in the deployment: the dashboard, and what a Prometheus of one's own reads.

    Args:
        configuration: of Prometheus; with it come the alerts. None where a cluster has objects for both.
    """
    files = {"dashboard.json": json.dumps(dashboard(), indent=2) + "\n"}
    if configuration is not None:
        files["prometheus.yaml"] = written_yaml(configuration)
        files["rules.yaml"] = written_yaml({"groups": rule_groups()})
    return {f"{_FOLDER}/{name}": text for name, text in files.items()}
