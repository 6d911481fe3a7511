"""The feature codecs of a network as a table: where they stand, what they take, what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgent.network import Network


def feature_table(
    network: Network, lossless: Mapping[str, float], lost: Mapping[str, Mapping[str, float]]
) -> Table:
    """A row for each codec, with the accuracy of every exit behind it.

    Args:
        network: with the codecs that its spec names.
        lossless: accuracy of each exit without them, as far as that is known.
        lost: what each exit loses, by the name of the code, as far as that is known.
    """
    table = Table(title="Feature codecs")
    for heading in ("codec", "goes", "reads", "gives"):
        table.add_column(heading)
    for heading in ("code", "frame, bytes", "95 % stay under", "encoder MACs", "decoder MACs"):
        table.add_column(heading, justify="right")
    for exit_name in network.graph.exit_names:
        table.add_column(exit_name, justify="right")
    for name, codec in network.feature_codecs.items():
        record = codec.record
        table.add_row(
            name,
            codec.direction,
            *_places(network, name),
            "x".join(map(str, record.code_shape)),
            f"{record.bytes_mean:,.0f}",
            f"{record.bytes_p95:,.0f}",
            f"{record.encoder_macs:,}",
            f"{record.decoder_macs:,}",
            *(
                _accuracy(lossless.get(exit_name), lost.get(exit_name, {}).get(codec.code.name))
                for exit_name in network.graph.exit_names
            ),
        )
    return table


def _places(network: Network, name: str) -> list[str]:
    """Where a codec reads and gives, on the deepest path that has it."""
    codec = network.feature_codecs[name]
    for path in reversed(network.graph.paths):
        points = codec.points(path)
        if points is not None:
            return [f"{path.exit_name}:p{point}" for point in points]
    raise AssertionError("a codec of the network stands on one of its paths")


def _accuracy(lossless: float | None, lost: float | None) -> str:
    return "" if lossless is None or lost is None else f"{max(lossless - lost, 0.0):.4f}"
