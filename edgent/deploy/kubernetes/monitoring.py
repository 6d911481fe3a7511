"""What Prometheus asks each pod, HAProxy's figures and TorchServe's by way of it, and when it alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgent.deploy.monitoring.rules import rule_groups

if TYPE_CHECKING:
    from edgent.deploy.kubernetes.names import Names


def service_monitor(names: Names) -> dict[str, Any]:
    """The object of Prometheus' operator."""
    pods = {**names.labels, "app.kubernetes.io/component": "pods"}
    endpoints = [
        {"port": "operators", "path": path, "interval": "15s"} for path in ("/metrics", "/torchserve")
    ]
    spec = {"selector": {"matchLabels": pods}, "endpoints": endpoints}
    return names.manifest("monitoring.coreos.com/v1", "ServiceMonitor", spec)


def prometheus_rule(names: Names) -> dict[str, Any]:
    """The alerts, as an object of Prometheus' operator; pods come and go, so that the last one counts."""
    silent = f'absent(haproxy_server_status{{service="{names.pods}",proxy="edges"}})'
    return names.manifest("monitoring.coreos.com/v1", "PrometheusRule", {"groups": rule_groups(silent)})
