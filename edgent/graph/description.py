"""The network's description in the cache: a JSON file from which the graph is read without ``onnx``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from edgent.errors import ModelError
from edgent.graph.branchy_graph import BranchyGraph
from edgent.graph.cache import model_folder, short_digest, write_whole
from edgent.graph.exit_path import ExitPath  # noqa: TC001  pydantic reads the fields' types
from edgent.graph.lost_cut import LostCut  # noqa: TC001  as above
from edgent.graph.model_file import read_model_file
from edgent.graph.tensor import Tensor  # noqa: TC001  as above

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = 5  # of the description and of the rules that find layers; raise it when either changes


@dataclass(frozen=True)
class Description:
    """What a description file holds; see ``BranchyGraph``."""

    format: int
    sha256: str
    source: Tensor
    paths: tuple[ExitPath, ...]
    lost: tuple[LostCut, ...]


_JSON = TypeAdapter(Description)


def read_graph(
    path: Path | str,
    exits: Sequence[str] | None = None,
    cache: Path | None = None,
    sha256: str | None = None,
) -> BranchyGraph:
    """Read the network, from the cache where this very file was read before.

    Args:
        path: the ONNX file.
        exits: its outputs that are exits, shallow to deep; all outputs when None.
        cache: folder for descriptions and segments; the user's own when None.
        sha256: digest of the file where the cache has to be believed, as it may be there alone.

    Raises:
        ModelError: the file is missing, no ONNX, or cannot be cut; or the cache cannot be written.
    """
    path = Path(path)
    name = f"graph-{'all' if exits is None else short_digest(*exits)}.json"
    known = None
    if sha256 is not None:
        folder = model_folder(sha256, cache)
        known = _description(folder / name, sha256)
        if known is None and not path.exists():
            raise ModelError(
                f"{folder} lacks the network's description or holds a damaged one, and {path} is not there "
                "to read it from: copy the folder again, or make it anew with `edgent bundle`"
            )
    if known is None:
        sha256 = read_model_file(path).sha256
        known = _description(model_folder(sha256, cache) / name, sha256)
    if known is not None:
        return BranchyGraph(path, known.sha256, known.source, known.paths, known.lost)
    from edgent.graph.reading import read_branchy_graph  # noqa: PLC0415  imports onnx, 0.25 s

    graph = read_branchy_graph(path, exits)
    description = Description(FORMAT, graph.sha256, graph.source, graph.paths, graph.lost)
    write_whole(model_folder(graph.sha256, cache) / name, _JSON.dump_json(description))
    return graph


def _description(file: Path, sha256: str) -> Description | None:
    """The description of this very model; None where the cache has none that this version reads."""
    try:
        known = _JSON.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None
    return known if (known.format, known.sha256) == (FORMAT, sha256) else None
