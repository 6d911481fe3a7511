"""What keeps pods up and others out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgent.deploy.haproxy import GRPC_PORT, OPERATORS_PORT, PORT

if TYPE_CHECKING:
    from edgent.deploy.kubernetes.names import Names

MONITORING = "monitoring"
"""The namespace that Prometheus runs in."""


def disruption_budget(names: Names) -> dict[str, Any]:
    """Whoever empties a node takes one pod at a time."""
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": names.labels}}
    return names.manifest("policy/v1", "PodDisruptionBudget", spec)


def network_policy(names: Names) -> dict[str, Any]:
    """Devices reach the proxy from anywhere, Prometheus its metrics; a pod connects to nobody."""
    monitoring = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": MONITORING}}}
    return names.manifest(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        {
            "podSelector": {"matchLabels": names.labels},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                {"ports": [{"protocol": "TCP", "port": port} for port in (PORT, GRPC_PORT)]},
                {"from": [monitoring], "ports": [{"protocol": "TCP", "port": OPERATORS_PORT}]},
            ],
            "egress": [],
        },
    )
