"""The addresses: one for all pods, for devices; one of each, for sessions with one edge and for metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgent.deploy.haproxy import GRPC_PORT, OPERATORS_PORT, PORT

if TYPE_CHECKING:
    from edgent.deploy.kubernetes.names import Names

_FOR_DEVICES = [
    {"name": "devices", "port": PORT, "targetPort": "devices"},
    {"name": "grpc", "port": GRPC_PORT, "targetPort": "grpc"},
]


def service(names: Names) -> dict[str, Any]:
    """Where devices connect; a connection stays with its pod."""
    return names.manifest(
        "v1",
        "Service",
        {
            "type": "LoadBalancer",
            "externalTrafficPolicy": "Local",
            "selector": names.labels,
            "ports": _FOR_DEVICES,
        },
    )


def headless_service(names: Names) -> dict[str, Any]:
    """A name that resolves to the address of every pod that is ready."""
    operators = {"name": "operators", "port": OPERATORS_PORT, "targetPort": "operators"}
    spec = {"clusterIP": "None", "selector": names.labels, "ports": [*_FOR_DEVICES, operators]}
    manifest = names.manifest("v1", "Service", spec, names.pods)
    manifest["metadata"]["labels"] = {**names.labels, "app.kubernetes.io/component": "pods"}
    return manifest
