"""Every manifest of a pipeline, and the lists of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgent.deploy.kubernetes.deployment import deployment
from edgent.deploy.kubernetes.guards import disruption_budget, network_policy
from edgent.deploy.kubernetes.kustomization import kustomization, with_secrets
from edgent.deploy.kubernetes.monitoring import prometheus_rule, service_monitor
from edgent.deploy.kubernetes.names import Names
from edgent.deploy.kubernetes.scaling import scaled_object
from edgent.deploy.kubernetes.services import headless_service, service
from edgent.deploy.resources import resources

if TYPE_CHECKING:
    from edgent.deploy.haproxy import Proxy
    from edgent.deploy.image_name import ImageName
    from edgent.deploy.served_store import ServedStore

MANIFESTS = "manifests"
"""The folder of a deployment that can be built without its secrets."""


def kubernetes_manifests(served: ServedStore, proxy: Proxy, image: ImageName) -> dict[str, dict[str, Any]]:
    """Every manifest, by its file without ``.yaml``: one kind in each, the list of them, and that above it.

    Args:
        served: what the edges serve.
        proxy: before each of them.
        image: of an edge.
    """
    names = Names(served.name)
    manifests = {
        "deployment": deployment(names, str(image), resources(served), proxy),
        "service": service(names),
        "headless-service": headless_service(names),
        "pod-disruption-budget": disruption_budget(names),
        "network-policy": network_policy(names),
        "scaled-object": scaled_object(names),
        "service-monitor": service_monitor(names),
        "prometheus-rule": prometheus_rule(names),
    }
    listed = kustomization(names, [f"{name}.yaml" for name in manifests], image)
    without_secrets = {**manifests, "kustomization": listed}
    return {
        **{f"{MANIFESTS}/{name}": content for name, content in without_secrets.items()},
        "kustomization": with_secrets(names, MANIFESTS),
    }
