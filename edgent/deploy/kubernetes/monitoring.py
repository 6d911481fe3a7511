"""What Prometheus asks each pod: HAProxy's figures, and TorchServe's by way of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
