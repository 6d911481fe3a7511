"""All archives of some pipelines, with a manifest and TorchServe's configuration beside them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from edgent.core.probe import PROBE
from edgent.core.providers import check_names
from edgent.core.served_version import served_version
from edgent.edge.batchable import check_batchable
from edgent.edge.configuration import (
    LOG4J2,
    SNAPSHOT,
    Addresses,
    ServedModel,
    check_exposure,
    config_properties,
)
from edgent.edge.head_archive import HeadArchive, build_head
from edgent.edge.importable import check_importable
from edgent.edge.limits import ServingLimits, edge_profile
from edgent.edge.loadable import check_loadable
from edgent.edge.manifest import read_store, write_manifest
from edgent.edge.mar import OF_NO_MODEL, is_own_archive, mar_file, probe_files, write_mar
from edgent.edge.pipeline_archive import build_pipeline
from edgent.edge.serving import Serving
from edgent.errors import ArchiveError
from edgent.graph.model_file import read_model_file
from edgent.made_folder import make_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from edgent.edge.configuration import Behind, TlsFiles
    from edgent.network import Network

    Windows = Sequence[tuple[str, str]]

_LOG = logging.getLogger(__name__)
_CONFIGURATION = "config.properties"
_TIMES_THE_NETWORK = 2
"""What the archives of one pipeline take in sum at most, but for heads that somebody names."""


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
    warm: Sequence[tuple[Network, Windows]] = (),
    workers: int = 1,
    replace: bool = False,
    addresses: Addresses | None = None,
    tls: TlsFiles | None = None,
    behind: Behind | None = None,
    configure: bool = True,
) -> list[ServedModel]:
    """Write the archives, ``manifest.json``, ``config.properties`` and ``log4j2.xml``.

    Beside the heads stand one archive for each of their pipelines, which serves any window of it, and the
    link probe. Archives that an earlier manifest lists and this build does not make are removed, but those of
    another version of these pipelines' networks: they stay and are served beside the new ones.

    Args:
        folder: made where it is missing.
        archives: the heads to write, the most wanted first: extra ones while there is room.
        on_built: called with the name of each archive when it stands.
        warm: windows that the archives of pipelines load from the start; those of its heads with a worker
            where a pipeline is not named.
        workers: of each pipeline's archive; archives of other versions keep those that they have.
        replace: whether archives of other versions are removed, too.
        addresses: where the server listens; TorchServe's usual ports on loopback when None.
        tls: certificate and key of an https address.
        behind: what stands before a server that leaves loopback without TLS.
        configure: whether to write TorchServe's configuration; not for a server that has its own.

    Returns:
        What is served: the new archives, then those of other versions.

    Raises:
        ArchiveError: the folder cannot be written, another's archive lies in the way, a codec's source cannot
            be carried or not be imported by a worker, or a server on these addresses would be open to others.
        ModelError: a network cannot be cut, the installed onnxruntime does not run it, or it mixes the inputs
            of the batches that its edge is to answer.
        ProviderError: no onnxruntime has the providers that a spec names for the edge.
    """
    addresses = addresses or Addresses()
    check_exposure(addresses, tls, behind)
    named = [network for network, _ in warm]
    networks = {
        network.spec.name: network for network in (*named, *(archive.network for archive in archives))
    }
    for network in networks.values():
        check_names(network.spec.edge.providers, f"{network.spec.file}: edge.providers")
        check_loadable(network)
        if network.spec.edge.batch_size > 1:
            check_batchable(network)
        serving = Serving.of(network, ServingLimits())
        check_importable(serving.codecs, serving.measures)
    make_folder(folder, "--store")
    earlier = _earlier(folder)
    try:
        _check_in_the_way(folder, networks, archives, {model.mar.path for model in earlier})
        if configure:
            _check_configuration(folder / _CONFIGURATION)
        models = []
        windows = {network.spec.name: ends for network, ends in warm}
        for model in _build(folder, networks, archives, windows, workers):
            models.append(model)
            on_built(model.name)
        models += [] if replace else [model for model in earlier if _stays(model, networks)]
        _remove({model.mar.path for model in earlier} - {model.mar.path for model in models})
        write_manifest(folder, models, {name: network.graph.sha256 for name, network in networks.items()})
        if configure:
            properties = config_properties(folder, models, addresses, tls)
            (folder / _CONFIGURATION).write_text(properties, encoding="utf-8")
            (folder / "log4j2.xml").write_text(LOG4J2, encoding="utf-8")
    except OSError as error:
        raise ArchiveError(f"cannot write {error.filename or folder}: {error.strerror}") from None
    return models


def other_versions(models: Sequence[ServedModel], networks: Sequence[Network]) -> list[ServedModel]:
    """Those of some pipelines that are made of other networks than these."""
    versions = {network.spec.name: served_version(network.graph.sha256) for network in networks}
    return [model for model in models if versions.get(model.pipeline, model.version) != model.version]


def _build(
    folder: Path,
    networks: Mapping[str, Network],
    archives: Sequence[HeadArchive],
    warm: Mapping[str, Windows],
    workers: int,
) -> Iterator[ServedModel]:
    """Each pipeline's archive, those of its heads, and the probe."""
    for name, network in networks.items():
        heads = [archive for archive in archives if archive.network is network]
        source = network.graph.source.name
        windows = warm.get(name, [(source, head.tensor.name) for head in heads if head.warm])
        profile = edge_profile(network)
        pipeline = build_pipeline(folder, network, profile, windows, workers)
        left_bytes = _TIMES_THE_NETWORK * read_model_file(network.graph.path).size_bytes
        left_bytes -= pipeline.mar.size_bytes
        yield pipeline
        for archive in sorted(heads, key=lambda head: head.extra):  # what is asked for takes its room first
            model = build_head(folder, archive, profile, left_bytes)
            if model is not None:
                left_bytes -= model.mar.size_bytes
                yield model
    probe = write_mar(folder / mar_file(PROBE, OF_NO_MODEL), probe_files(PROBE))
    yield ServedModel(PROBE, probe, 1)


def _check_in_the_way(
    folder: Path,
    networks: Mapping[str, Network],
    archives: Sequence[HeadArchive],
    listed: Collection[Path],
) -> None:
    """Refuse to overwrite an archive that neither the manifest lists nor edgent wrote."""
    made = [*networks.items()]
    made += [(archive.name, archive.network) for archive in archives]
    names = [mar_file(name, served_version(network.graph.sha256)) for name, network in made]
    for path in (folder / name for name in (*names, mar_file(PROBE, OF_NO_MODEL))):
        if path.exists() and path not in listed and not is_own_archive(path):
            raise ArchiveError(
                f"{path} is no archive of edgent's, and is not overwritten: move it away, or name another "
                "folder with --store"
            )


def _check_configuration(file: Path) -> None:
    """Refuse to overwrite the configuration of a TorchServe of the user's own."""
    if file.exists() and SNAPSHOT not in file.read_text(encoding="utf-8", errors="replace"):
        raise ArchiveError(
            f"{file} is not of edgent's making, and is not overwritten: name another folder with --store, or "
            "leave the configuration as it is with --only-archives"
        )


def _remove(paths: Collection[Path]) -> None:
    """Remove archives that an earlier build made; what lies in the place of one stays."""
    for path in paths:
        if is_own_archive(path):
            _LOG.info("removing %s, which an earlier build made", path)
            path.unlink()
        elif path.exists():
            _LOG.warning("%s is no archive of edgent's, though the manifest lists it: it stays", path)


def _earlier(folder: Path) -> list[ServedModel]:
    """Archives of an earlier build; none when its manifest cannot be read: a new one follows."""
    try:
        return read_store(folder)
    except ArchiveError:
        return []


def _stays(model: ServedModel, networks: Mapping[str, Network]) -> bool:
    """Whether an archive of an earlier build is one of these pipelines, in another version, and is there."""
    network = networks.get(model.pipeline)
    other = network is not None and model.version != served_version(network.graph.sha256)
    return other and model.mar.path.is_file()
