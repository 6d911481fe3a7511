"""All archives of some pipelines, with a manifest and TorchServe's configuration beside them."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.core.probe import PROBE
from edgent.core.providers import check_names
from edgent.edge.configuration import (
    LOG4J2,
    USUAL_FRAME_BYTES,
    Addresses,
    ServedModel,
    check_exposure,
    config_properties,
)
from edgent.edge.limits import edge_profile, largest_frame_bytes, serving_limits
from edgent.edge.loadable import check_loadable
from edgent.edge.mar import MarFile, head_files, probe_files, write_mar
from edgent.edge.pipeline_archive import build_pipeline
from edgent.edge.serving import Serving
from edgent.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from edgent.edge.configuration import TlsFiles
    from edgent.graph.tensor import Tensor
    from edgent.latency.profile import NodeProfile
    from edgent.network import Network

_LOG = logging.getLogger(__name__)
MANIFEST = "manifest.json"
RESPONSE_TIMEOUT_S = 20


@dataclass(frozen=True)
class HeadArchive:
    """One head to archive.

    Attributes:
        warm: whether it has a worker when TorchServe starts.
    """

    network: Network
    exit_index: int
    partition_point: int
    warm: bool

    @property
    def name(self) -> str:
        """The head's name, which is the archive's, the model's and the endpoint's."""
        return self.network.graph.head_name(self.network.spec.name, self.exit_index, self.partition_point)

    @property
    def tensor(self) -> Tensor:
        """What the head answers."""
        return self.network.graph.head(self.exit_index, self.partition_point).tensor


def plan_archives(networks: Sequence[Network], warm: Collection[str] | None = None) -> list[HeadArchive]:
    """Every head of every network, each once.

    Args:
        networks: pipelines, each with another name.
        warm: names of the heads that get a worker; those of edge-only plans when None.

    Raises:
        ArchiveError: two pipelines have the same name, or one that a head of the other has.
    """
    names = [network.spec.name for network in networks]
    if len(set(names)) < len(names):
        raise ArchiveError(
            f"two of these pipelines have the same name: {', '.join(names)}; rename one in its spec"
        )
    archives = []
    for network in networks:
        for head in network.graph.heads():
            name = head.name(network.spec.name)
            path = network.graph.paths[head.exit_index]
            chosen = head.partition_point == len(path.layers) if warm is None else name in warm
            archives.append(HeadArchive(network, head.exit_index, head.partition_point, chosen))
    for archive in archives:
        if archive.name in names:
            raise ArchiveError(
                f"pipeline {archive.name} is named as a head of {archive.network.spec.name}; "
                "rename one in its spec"
            )
    return archives


def build_store(
    folder: Path,
    archives: Sequence[HeadArchive],
    on_built: Callable[[str], None] = lambda _: None,
    *,
    addresses: Addresses | None = None,
    tls: TlsFiles | None = None,
    configure: bool = True,
) -> list[ServedModel]:
    """Write the archives, ``manifest.json``, ``config.properties`` and ``log4j2.xml``.

    Beside the heads stand one archive for each of their pipelines, which serves any window of it, and the
    link probe.

    Archives that an earlier manifest lists and this build does not make are removed.

    Args:
        folder: made where it is missing.
        archives: the heads to write; those with a worker are loaded in their pipeline's archive as well.
        on_built: called with the name of each archive when it stands.
        addresses: where the server listens; TorchServe's usual ports on loopback when None.
        tls: certificate and key of an https address.
        configure: whether to write TorchServe's configuration; not for a server that has its own.

    Raises:
        ArchiveError: the folder cannot be written, a codec's source cannot be carried, or a server on these
            addresses would be open to others.
        ModelError: a network cannot be cut, or the installed onnxruntime does not run it.
        ProviderError: no onnxruntime has the providers that a spec names for the edge.
    """
    addresses = addresses or Addresses()
    check_exposure(addresses, tls)
    networks = {archive.network.spec.name: archive.network for archive in archives}
    for network in networks.values():
        check_names(network.spec.edge.providers, f"{network.spec.file}: edge.providers")
        check_loadable(network)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        old = _earlier(folder)
        models = []
        profiles = {name: edge_profile(network) for name, network in networks.items()}
        for archive in archives:
            models.append(_build_head(folder, archive, profiles[archive.network.spec.name]))
            on_built(archive.name)
        for name, network in networks.items():
            warm = [head.tensor.name for head in archives if head.warm and head.network is network]
            models.append(build_pipeline(folder, network, profiles[name], warm))
            on_built(name)
        probe = write_mar(folder / f"{PROBE}.mar", probe_files(PROBE))
        models.append(ServedModel(PROBE, probe, 1))
        on_built(PROBE)
        for path in old - {model.mar.path for model in models}:
            _LOG.info("removing %s, which an earlier build made", path)
            path.unlink(missing_ok=True)
        (folder / MANIFEST).write_text(_manifest(models, archives), encoding="utf-8")
        if configure:
            properties = config_properties(folder, models, addresses, tls)
            (folder / "config.properties").write_text(properties, encoding="utf-8")
            (folder / "log4j2.xml").write_text(LOG4J2, encoding="utf-8")
    except OSError as error:
        raise ArchiveError(f"cannot write {error.filename or folder}: {error.strerror}") from None
    return models


def _build_head(folder: Path, archive: HeadArchive, profile: NodeProfile | None) -> ServedModel:
    network, exit_index, partition_point = archive.network, archive.exit_index, archive.partition_point
    limits = serving_limits(network, profile, exit_index, partition_point)
    files = head_files(
        archive.name,
        network.segments.standalone(exit_index, 0, partition_point),
        Serving.of(network, limits),
    )
    mar = write_mar(folder / f"{archive.name}.mar", files)
    _LOG.info("built %s: %d bytes, %d workers", mar.path, mar.size_bytes, archive.warm)
    frame_bytes = max(USUAL_FRAME_BYTES, largest_frame_bytes((network.graph.source, archive.tensor)))
    return ServedModel(
        archive.name,
        mar,
        int(archive.warm),
        limits.response_timeout_s,
        frame_bytes,
        network.spec.edge.providers,
        network.spec.edge.batch_size,
        network.spec.edge.max_batch_delay_ms,
    )


def read_store(folder: Path) -> list[ServedModel]:
    """The archives that a manifest lists.

    Raises:
        ArchiveError: the manifest is missing or cannot be read.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return [
            ServedModel(
                entry["name"],
                MarFile(folder / f"{entry['name']}.mar", entry["size_bytes"], entry["sha256"]),
                entry["workers"],
                entry["response_timeout_s"],
                entry.get("frame_bytes", USUAL_FRAME_BYTES),  # an earlier edgent wrote none of these
                tuple(entry.get("providers", ())),
                entry.get("batch_size", 1),
                entry.get("max_batch_delay_ms", 1),
            )
            for entry in manifest["archives"]
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArchiveError(
            f"{folder / MANIFEST}: no readable manifest ({error}); run `make archive`"
        ) from None


def _earlier(folder: Path) -> set[Path]:
    """Archives of an earlier build; empty when its manifest cannot be read: a new one follows."""
    try:
        return {model.mar.path for model in read_store(folder)}
    except ArchiveError:
        return set()


def _manifest(models: Sequence[ServedModel], archives: Sequence[HeadArchive]) -> str:
    pipelines = {archive.network.spec.name: archive.network.graph.sha256 for archive in archives}
    entries = [
        {
            "name": model.name,
            "size_bytes": model.mar.size_bytes,
            "sha256": model.mar.sha256,
            "workers": model.workers,
            "response_timeout_s": model.response_timeout_s,
            "frame_bytes": model.frame_bytes,
            "providers": list(model.providers),
            "batch_size": model.batch_size,
            "max_batch_delay_ms": model.max_batch_delay_ms,
        }
        for model in models
    ]
    return json.dumps({"model_sha256": pipelines, "archives": entries}, indent=2) + "\n"
