"""Which codecs a spec offers that plans cannot use, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.core.codecs import CODECS
from edgent.core.codecs.codec import ACTIVATION, INPUT
from edgent.core.photo import FORMATS
from edgent.latency.crossing import can_cross, can_write
from edgent.planning.plan import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.graph.tensor import Tensor
    from edgent.latency.costs import Accuracies, FeatureLosses
    from edgent.network import Network
    from edgent.planning.cost_table import CostTable


def unusable_codecs(network: Network, accuracies: Accuracies) -> Iterator[str]:
    """A sentence for each codec that is offered and that no plan, or not every plan, uses.

    Cuts at which nothing can cross are not counted: they are `unusable_cuts`.

    Args:
        network: with the codecs that its spec offers.
        accuracies: of each exit under the pairs of codecs that were measured.
    """
    graph = network.graph
    cuts = {
        path.cut_tensor(point): path.cut(point)
        for path in graph.paths
        for point in path.partition_points[1:-1]
        if can_cross(path.cut(point))
    }
    pairs = {pair for of_exit in accuracies.values() for pair in of_exit}
    for carries, names, tensors, place in (
        (INPUT, network.input_codecs, [graph.source], 0),
        (ACTIVATION, network.spec.codecs.activation, list(cuts.values()), 1),
    ):
        for name in names if can_cross(graph.source) else ():
            refused = [tensor for tensor in tensors if not can_write(name, carries, tensor)]
            if not tensors and not CODECS[name].lossless:
                yield f"no plan uses codec {name} for {carries}s: no cut that it could be used at"
            elif refused:
                yield _unwritten(name, carries, refused, len(tensors))
            elif not CODECS[name].lossless and name not in {pair[place] for pair in pairs}:
                yield (
                    f"no plan uses codec {name} for {carries}s: what it costs in accuracy is not known; "
                    f"run `edgent evaluate {network.spec.file}`"
                )


def unusable_files(network: Network, table: CostTable) -> Iterator[str]:
    """A sentence where the codec ``file`` is offered and no profile knows it."""
    if FILE in network.input_codecs and not table.file_bytes:
        yield (
            f"no plan uses codec {FILE} for inputs: a profile was made without it, or on inputs that are no "
            f"files of {', '.join(FORMATS)}; run `edgent profile {network.spec.file} --node NODE --resume` "
            "for both nodes"
        )


def unusable_features(network: Network, lost: FeatureLosses) -> Iterator[str]:
    """A sentence for each feature codec that no plan uses, because nobody knows what it costs in accuracy.

    Args:
        network: with the codecs that its spec names.
        lost: what each exit loses behind codecs, as far as that is known.
    """
    for name, codec in network.feature_codecs.items():
        if not any(codec.code.name in of_exit for of_exit in lost.values()):
            yield (
                f"no plan uses feature codec {name}: its record has its {codec.record.measure}, which is not "
                f"what the exits are measured by; run `edgent evaluate {network.spec.file}`"
            )


def _unwritten(name: str, carries: str, refused: list[Tensor], all_tensors: int) -> str:
    what = f"it does not write {refused[0].dtype} of shape {list(refused[0].shape)}"
    if len(refused) == all_tensors:
        return f"no plan uses codec {name} for {carries}s: {what}"
    return f"codec {name} is used at {all_tensors - len(refused)} of {all_tensors} cuts: elsewhere {what}"
