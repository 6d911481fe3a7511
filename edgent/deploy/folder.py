"""The folder that a deployment is made of: all but the wheel and the certificate, which it waits for."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml

from edgent.deploy import compose, systemd
from edgent.deploy.haproxy import ADMIN_PORT, ProxiedEdge, Proxy, haproxy_configuration
from edgent.deploy.images import device_dockerfile, edge_dockerfile
from edgent.deploy.kubernetes.deployment import deployment
from edgent.deploy.kubernetes.guards import disruption_budget, network_policy
from edgent.deploy.kubernetes.kustomization import kustomization
from edgent.deploy.kubernetes.monitoring import prometheus_rule, service_monitor
from edgent.deploy.kubernetes.names import Names
from edgent.deploy.kubernetes.scaling import scaled_object
from edgent.deploy.kubernetes.services import headless_service, service
from edgent.deploy.monitoring.dashboard import dashboard
from edgent.deploy.monitoring.rules import rule_groups
from edgent.deploy.monitoring.scraping import prometheus_configuration
from edgent.deploy.pipeline_files import copy_pipeline_files
from edgent.deploy.resources import resources
from edgent.deploy.served_store import ServedStore, build_served_store
from edgent.edge.configuration import Addresses
from edgent.edge.limits import largest_frame_bytes
from edgent.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from edgent.network import Network

_NO_TOKENS = {"disable_token_authorization": "true"}
"""Of a TorchServe that only a proxy reaches, which asks for tokens in its place."""
_BUILT_FROM = (
    "# No more than this goes into images: above all, no secrets.\n*\n!archives\n!pipeline\n!wheels\n"
)


@dataclass(frozen=True)
class Deployment:
    """What is to be deployed.

    Attributes:
        network: the pipeline's.
        folder: gets everything.
        image: name and tag of the edge's image; empty for ``edgent-edge-NAME`` and the network's version.
        replace: whether archives of other versions of the network are removed.
    """

    network: Network
    folder: Path
    image: str = ""
    replace: bool = False

    def write_compose(self, edges: int) -> ServedStore:
        """A proxy and some edges on one machine.

        Raises:
            EdgentError: something cannot be built or written; the message says what.
        """
        served = self._store(compose.ADDRESSES, behind="proxy", changes=_NO_TOKENS)
        proxy = Proxy(compose.proxied_edges(edges), *_for_proxy(served), admin_port=ADMIN_PORT)
        self._write_for_containers(served, proxy)
        user = (os.getuid(), os.getgid())
        content = compose.compose_file(self.image_of(served), proxy, resources(served), user)
        self._write({"compose.yaml": dumped(content)})
        asked = [f"{edge.host}:{compose.METRICS_PORT}" for edge in proxy.edges]
        self._write_monitoring(prometheus_configuration(asked, f"proxy:{proxy.operators_port}"))
        return served

    def write_kubernetes(self) -> ServedStore:
        """Pods of an edge and a proxy, with what finds, guards and scales them.

        Raises:
            EdgentError: something cannot be built or written; the message says what.
        """
        addresses = Addresses()
        served = self._store(addresses, behind="proxy", changes=_NO_TOKENS)
        beside = [ProxiedEdge("torchserve", "127.0.0.1")]
        metrics_port = int(addresses.metrics.rpartition(":")[2])
        proxy = Proxy(beside, *_for_proxy(served), metrics_port=metrics_port)
        self._write_for_containers(served, proxy)
        manifests = kubernetes_manifests(served, proxy, self.image_of(served))
        self._write({name: dumped(manifest) for name, manifest in manifests.items()})
        self._write_monitoring()
        return served

    def write_systemd(self) -> ServedStore:
        """Units of an edge and of a device.

        Raises:
            EdgentError: something cannot be built or written; the message says what.
        """
        lifetime = {"token_expiration_min": str(systemd.TOKEN_LIFETIME_MIN)}
        served = self._store(systemd.ADDRESSES, tls=systemd.TLS, changes=lifetime)
        spec = self.network.spec
        copy_pipeline_files(spec, self.folder / "pipeline")
        units = {
            systemd.EDGE_UNIT: systemd.edge_unit(spec.name),
            systemd.DEVICE_UNIT: systemd.device_unit(spec.name, spec.file.name),
        }
        self._write(units)
        self._write_monitoring(prometheus_configuration([urlsplit(systemd.ADDRESSES.metrics).netloc]))
        return served

    def _store(self, addresses: Addresses, **how: Any) -> ServedStore:
        store = self.folder / "archives"
        return build_served_store(store, self.network, addresses, replace=self.replace, **how)

    def image_of(self, served: ServedStore) -> str:
        """Name and tag of the edge's image."""
        return self.image or f"edgent-edge-{served.name.lower()}:{served.version}"

    def _write_for_containers(self, served: ServedStore, proxy: Proxy) -> None:
        """What images and the proxy are made of; tokens and other secrets that are there stay."""
        spec = self.network.spec
        copy_pipeline_files(spec, self.folder / "pipeline")
        try:
            (self.folder / "wheels").mkdir(exist_ok=True)
            _keep_or_make_token(self.folder / "secrets")
        except OSError as error:
            raise ArchiveError(f"cannot write {error.filename}: {error.strerror}") from None
        self._write(
            {
                "Dockerfile.edge": edge_dockerfile(served.name),
                "Dockerfile.device": device_dockerfile(served.name, spec.file.name),
                ".dockerignore": _BUILT_FROM,
                "haproxy.cfg": haproxy_configuration(proxy),
            }
        )

    def _write_monitoring(self, configuration: Mapping[str, Any] | None = None) -> None:
        """The dashboard; with a configuration of Prometheus also that and the alerts."""
        files = {"dashboard.json": json.dumps(dashboard(), indent=2) + "\n"}
        if configuration is not None:
            files |= {
                "prometheus.yaml": dumped(configuration),
                "rules.yaml": dumped({"groups": rule_groups()}),
            }
        try:
            (self.folder / "monitoring").mkdir(exist_ok=True)
        except OSError as error:
            raise ArchiveError(f"cannot write {error.filename}: {error.strerror}") from None
        self._write({f"monitoring/{name}": text for name, text in files.items()})

    def _write(self, files: Mapping[str, str]) -> None:
        try:
            for name, text in files.items():
                (self.folder / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise ArchiveError(f"cannot write {error.filename}: {error.strerror}") from None


def kubernetes_manifests(served: ServedStore, proxy: Proxy, image: str) -> dict[str, dict[str, Any]]:
    """Every manifest, by the name of its file: one kind in each, and the list of them.

    Args:
        served: what the edges serve.
        proxy: before each of them.
        image: of an edge.
    """
    names = Names(served.name)
    manifests = {
        "deployment.yaml": deployment(names, image, resources(served), proxy),
        "service.yaml": service(names),
        "headless-service.yaml": headless_service(names),
        "pod-disruption-budget.yaml": disruption_budget(names),
        "network-policy.yaml": network_policy(names),
        "scaled-object.yaml": scaled_object(names),
        "service-monitor.yaml": service_monitor(names),
        "prometheus-rule.yaml": prometheus_rule(names),
    }
    return {**manifests, "kustomization.yaml": kustomization(names, manifests, image)}


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Write what stands in several places in each of them."""
        return True


def dumped(content: Mapping[str, Any]) -> str:
    """A file in YAML, whose library quotes what has to be quoted."""
    text = yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)
    return f"# Written by `edgent deploy`; docs/deploying.md explains it.\n{text}"


def _for_proxy(served: ServedStore) -> tuple[tuple[Any, ...], int, int]:
    """What the proxy asks edges, what devices send at most, and how long an edge may take."""
    paths = served.network.graph.paths
    crossing = [path.cut(point) for path in paths for point in path.partition_points]
    return served.questions, largest_frame_bytes(crossing), served.response_timeout_s


def _keep_or_make_token(folder: Path) -> None:
    """A folder that only its owner enters and git leaves out, with a first token: as good as a password."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    (folder / ".gitignore").write_text("*\n", encoding="ascii")
    tokens = folder / "tokens"
    if not tokens.exists():
        tokens.write_text(secrets.token_urlsafe(32) + "\n", encoding="ascii")
