"""The archive of one head, which holds its layers with their weights."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.core.served_version import served_version
from edgent.edge.configuration import USUAL_FRAME_BYTES, ServedModel
from edgent.edge.limits import largest_frame_bytes, serving_limits
from edgent.edge.mar import head_files, mar_file, write_mar
from edgent.edge.serving import Serving

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.graph.tensor import Tensor
    from edgent.latency.profile import NodeProfile
    from edgent.network import Network

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class HeadArchive:
    """One head to archive.

    Attributes:
        warm: whether it has a worker when TorchServe starts.
        extra: whether it is left out where the pipeline's archives would take too much.
    """

    network: Network
    exit_index: int
    partition_point: int
    warm: bool
    extra: bool = False

    @property
    def name(self) -> str:
        """The head's name, which is the model's and the endpoint's, and begins the archive's."""
        return self.network.graph.head_name(self.network.spec.name, self.exit_index, self.partition_point)

    @property
    def tensor(self) -> Tensor:
        """What the head answers."""
        return self.network.graph.head(self.exit_index, self.partition_point).tensor


def build_head(
    folder: Path, archive: HeadArchive, profile: NodeProfile | None, left_bytes: int
) -> ServedModel | None:
    """Write the archive of a head.

    Args:
        folder: of the archives.
        archive: which head.
        profile: the edge's; None before the edge is profiled.
        left_bytes: what an extra archive may have.

    Returns:
        None where it would have more; nothing is written then.

    Raises:
        ModelError: the network cannot be cut.
        ArchiveError: a codec's source cannot be carried.
    """
    network, spec = archive.network, archive.network.spec
    layers = network.segments.standalone(archive.exit_index, 0, archive.partition_point)
    if archive.extra and len(layers) > left_bytes:
        return None
    limits = serving_limits(network, profile, archive.exit_index, archive.partition_point)
    version = served_version(network.graph.sha256)
    path = folder / mar_file(archive.name, version)
    mar = write_mar(path, head_files(archive.name, layers, Serving.of(network, limits)))
    if archive.extra and mar.size_bytes > left_bytes:
        path.unlink()
        return None
    _LOG.info("built %s: %d bytes, %d workers", mar.path, mar.size_bytes, archive.warm)
    return ServedModel(
        archive.name,
        mar,
        int(archive.warm),
        limits.response_timeout_s,
        max(USUAL_FRAME_BYTES, largest_frame_bytes((network.graph.source, archive.tensor))),
        spec.edge.providers,
        spec.edge.batch_size,
        spec.edge.max_batch_delay_ms,
        version,
        spec.name,
    )
