"""The folder that a deployment is made of: all but the wheel and the certificate, which it waits for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from edgent.bundle.device_pipeline import write_device_pipeline
from edgent.deploy import compose, systemd
from edgent.deploy.deployed import PIPELINE, Deployed
from edgent.deploy.device_settings import device_settings, names_edges
from edgent.deploy.haproxy import ADMIN_PORT, ProxiedEdge, Proxy, haproxy_configuration
from edgent.deploy.image_name import ImageName
from edgent.deploy.image_tag import image_tag
from edgent.deploy.images import (
    DEVICE_DOCKERFILE,
    EDGE_DOCKERFILE,
    SECRETS,
    device_dockerfile,
    edge_dockerfile,
)
from edgent.deploy.kubernetes.manifests import MANIFESTS, kubernetes_manifests
from edgent.deploy.monitoring.files import monitoring_files
from edgent.deploy.owned_folder import OwnedFolder
from edgent.deploy.plain_name import plain_name
from edgent.deploy.readme import readme
from edgent.deploy.resources import resources
from edgent.deploy.secrets_folder import make_secrets_folder
from edgent.deploy.served_store import ServedStore, build_served_store, store_files
from edgent.deploy.written_yaml import written_yaml
from edgent.edge.configuration import Addresses
from edgent.edge.limits import largest_frame_bytes
from edgent.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgent.deploy.owned_folder import Target
    from edgent.network import Network

_ARCHIVES = "archives"
_NO_TOKENS = {"disable_token_authorization": "true"}
"""Of a TorchServe that only a proxy reaches, which asks for tokens in its place."""
_BUILT_FROM = (
    "# No more than this goes into images: above all, no secrets.\n*\n!archives\n!pipeline\n!wheels\n"
)
_LONGEST_NAME = 63
"""Of an image without its registry and its tag, and of a project of compose."""


@dataclass(frozen=True)
class Deployment:
    """What is to be deployed.

    Attributes:
        network: the pipeline's.
        folder: gets everything.
        image: the edge's, with a tag by its content where it has neither tag nor digest; named after the
            pipeline when None.
        host: by which devices reach the edge; empty where the spec says it, or nobody yet.
        workers: of each edge, for the pipeline's archive.
        replace: whether archives of other versions of the network are removed.
    """

    network: Network
    folder: Path
    image: ImageName | None = None
    host: str = ""
    workers: int = 1
    replace: bool = False

    def write_compose(self, edges: int) -> Deployed:
        """A proxy and some edges on one machine.

        Raises:
            EdgentError: something cannot be built or written; the message says what.
        """
        owned = self._begin("compose")
        served = self._build()
        proxy = Proxy(compose.proxied_edges(edges), *_for_proxy(served), admin_port=ADMIN_PORT)
        asked = [f"{edge.host}:{compose.METRICS_PORT}" for edge in proxy.edges]
        files = {
            **self._for_images(served, compose.ADDRESSES),
            "haproxy.cfg": haproxy_configuration(proxy),
            **monitoring_files(asked, f"proxy:{proxy.operators_port}"),
        }
        image = self._image_of(served, files)
        user, project = (os.getuid(), os.getgid()), plain_name("edgent-", served.name, _LONGEST_NAME)
        content = compose.compose_file(project, image, proxy, resources(served), user)
        deployed = Deployed("compose", served, self.host, image)
        options = {"edges": str(edges)} if edges > 1 else {}
        return self._write(owned, deployed, files, options, {"compose": content})

    def write_kubernetes(self) -> Deployed:
        """Pods of an edge and a proxy, with what finds, guards and scales them.

        Raises:
            EdgentError: something cannot be built or written; the message says what.
        """
        owned = self._begin("kubernetes")
        served, addresses = self._build(), Addresses()
        metrics_port = int(addresses.metrics.rpartition(":")[2])
        proxy = Proxy(
            [ProxiedEdge("torchserve", "127.0.0.1")], *_for_proxy(served), metrics_port=metrics_port
        )
        files = {
            **self._for_images(served, addresses),
            f"{MANIFESTS}/haproxy.cfg": haproxy_configuration(proxy),
            **monitoring_files(),
        }
        image = self._image_of(served, files)
        manifests = kubernetes_manifests(served, proxy, image)
        is_tagged_here = self.image is None or not self.image.is_complete
        awaits_wheel = is_tagged_here and not any((self.folder / "wheels").glob("edgent-*.whl"))
        deployed = Deployed("kubernetes", served, self.host, image, awaits_wheel)
        return self._write(owned, deployed, files, {}, manifests)

    def write_systemd(self) -> Deployed:
        """Units of an edge and of a device.

        Raises:
            EdgentError: something cannot be built or written; the message says what.
        """
        owned = self._begin("systemd")
        served, spec = self._build(), self.network.spec
        host = self.host or ("" if names_edges(spec) else "localhost")
        lifetime = {"token_expiration_min": str(systemd.TOKEN_LIFETIME_MIN)}
        settings = device_settings(spec, host, systemd.CREDENTIALS)
        files = {
            **_in_archives(store_files(served, systemd.ADDRESSES, lifetime, tls=systemd.TLS)),
            systemd.EDGE_UNIT: systemd.edge_unit(served.name),
            systemd.DEVICE_UNIT: systemd.device_unit(served.name, spec.file.name, settings),
            **monitoring_files([urlsplit(systemd.ADDRESSES.metrics).netloc]),
        }
        return self._write(owned, Deployed("systemd", served, host), files, {}, {})

    def _begin(self, target: Target) -> OwnedFolder:
        """The folder, with room for what the user puts there, and a token where a proxy asks for one."""
        owned = OwnedFolder.open(self.folder, target, self.network.spec.name)
        try:
            (self.folder / "wheels").mkdir(exist_ok=True)
            make_secrets_folder(self.folder / "secrets", with_token=target != "systemd")
        except OSError as error:
            raise ArchiveError(f"cannot write {error.filename}: {error.strerror}") from None
        return owned

    def _build(self) -> ServedStore:
        return build_served_store(
            self.folder / _ARCHIVES, self.network, workers=self.workers, replace=self.replace
        )

    def _image_of(self, served: ServedStore, files: Mapping[str, str]) -> ImageName:
        """The edge's image; by what goes into it where nobody says its tag."""
        image = self.image or ImageName(plain_name("edgent-edge-", served.name, _LONGEST_NAME), "")
        if image.is_complete:
            return image
        return ImageName(image.name, image_tag(served.version, self.folder, files))

    def _for_images(self, served: ServedStore, addresses: Addresses) -> dict[str, str]:
        """What images are made of, but for the wheel."""
        spec = self.network.spec
        settings = device_settings(spec, self.host, SECRETS)
        return {
            **_in_archives(store_files(served, addresses, _NO_TOKENS, behind="proxy")),
            EDGE_DOCKERFILE: edge_dockerfile(served.name),
            DEVICE_DOCKERFILE: device_dockerfile(served.name, spec.file.name, settings),
            ".dockerignore": _BUILT_FROM,
        }

    def _write(
        self,
        owned: OwnedFolder,
        deployed: Deployed,
        files: Mapping[str, str],
        options: Mapping[str, str],
        in_yaml: Mapping[str, Mapping[str, Any]],
    ) -> Deployed:
        given = {
            **options,
            "workers": str(self.workers) if self.workers > 1 else "",
            "host": self.host,
            "image": "" if self.image is None else str(self.image),
        }
        texts = {f"{name}.yaml": written_yaml(content) for name, content in in_yaml.items()}
        with TemporaryDirectory() as made:
            write_device_pipeline(self.network, Path(made) / PIPELINE)
            cut = [file for file in Path(made).rglob("*") if file.is_file()]
            copied = {file.relative_to(made).as_posix(): file for file in cut}
            owned.write(
                {**files, **texts, **copied, "README.md": readme(deployed)},
                {name: value for name, value in given.items() if value},
            )
        return deployed


def _in_archives(files: Mapping[str, str]) -> dict[str, str]:
    return {f"{_ARCHIVES}/{name}": text for name, text in files.items()}


def _for_proxy(served: ServedStore) -> tuple[tuple[Any, ...], int, int]:
    """What the proxy asks edges, what devices send at most, and how long an edge may take."""
    paths = served.network.graph.paths
    crossing = [path.cut(point) for path in paths for point in path.partition_points]
    return served.questions, largest_frame_bytes(crossing), served.response_timeout_s
