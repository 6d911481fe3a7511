"""The archives that an image carries, with TorchServe's configuration as it is in there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.served_version import served_version
from edgent.core.wire import Frame, window_identity, write_frame
from edgent.deploy.question import QUESTIONS, Question, questions_text
from edgent.edge.configuration import LOG4J2, check_exposure, config_properties
from edgent.edge.store import build_store
from edgent.edge.wanted_archives import wanted_archives, wanted_heads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgent.edge.configuration import Addresses, Behind, ServedModel, TlsFiles
    from edgent.network import Network

STORE = Path("/srv/edgent/archives")
"""Where the archives lie on an edge."""
_HEADS_WITH_A_WORKER = 4


@dataclass(frozen=True)
class ServedStore:
    """What an edge serves.

    Attributes:
        network: the pipeline's.
        models: everything that TorchServe registers, other versions of the network among it.
        questions: to the pipeline's archive, in the network's own version.
    """

    network: Network
    models: tuple[ServedModel, ...]
    questions: tuple[Question, ...]

    @property
    def name(self) -> str:
        """The pipeline's."""
        return self.network.spec.name

    @property
    def version(self) -> str:
        """Under which the network is served."""
        return served_version(self.network.graph.sha256)

    @property
    def response_timeout_s(self) -> int:
        """After which TorchServe ends any worker that has not answered."""
        return max(model.response_timeout_s for model in self.models)


def build_served_store(
    folder: Path, network: Network, *, workers: int = 1, replace: bool = False
) -> ServedStore:
    """Build the archives that `edgent archive` builds.

    Args:
        folder: of the archives, here.
        network: the pipeline's.
        workers: of the pipeline's archive.
        replace: whether archives of other versions of the network are removed.

    Raises:
        ArchiveError: an archive cannot be built, or a file not be written.
    """
    wanted = wanted_archives([network], (), _HEADS_WITH_A_WORKER)
    warm = [(network, wanted[0].windows)]
    models = build_store(
        folder, wanted_heads(wanted), warm=warm, workers=workers, replace=replace, configure=False
    )
    return ServedStore(network, tuple(models), (question_to(network),))


def store_files(
    served: ServedStore,
    addresses: Addresses,
    changes: Mapping[str, str],
    *,
    tls: TlsFiles | None = None,
    behind: Behind | None = None,
) -> dict[str, str]:
    """What lies beside the archives: TorchServe's configuration as it is on the edge, and the questions.

    Args:
        served: the archives.
        addresses: where TorchServe listens there.
        changes: settings that replace the usual ones.
        tls: certificate and key, by their paths there.
        behind: what stands before a server that leaves loopback without TLS.

    Raises:
        ArchiveError: others could reach the server.
    """
    check_exposure(addresses, tls, behind)
    return {
        "config.properties": config_properties(STORE, served.models, addresses, tls, changes),
        "log4j2.xml": LOG4J2,
        QUESTIONS: questions_text(served.questions),
    }


def question_to(network: Network) -> Question:
    """The question to the archive of a whole pipeline: no input for all layers of the deepest exit."""
    graph, deepest = network.graph, network.graph.paths[-1]
    identity = window_identity(graph.sha256, graph.source.name, deepest.cut_tensor(len(deepest.layers)))
    nothing = np.zeros((0, *graph.input_shape), graph.input_dtype)
    frame = write_frame(Frame(nothing, "raw", identity, "float32"))
    return Question(f"{network.spec.name}/{served_version(graph.sha256)}", frame)
