"""The feature codecs of a network as a table: where they stand, what they take, what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

from edgent.planning.costs import ACCURACY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgent.network import Network


def feature_table(
    network: Network,
    lossless: Mapping[str, float],
    lost: Mapping[str, Mapping[str, float]],
    measure: str = ACCURACY,
) -> Table:
    """A row for each codec, with the accuracy of every exit behind it.

    Args:
        network: with the codecs that its spec names.
        lossless: accuracy of each exit without them, as far as that is known.
        lost: what each exit loses, by the name of the code, as far as that is known.
        measure: what accuracy is measured by.
    """
    table = Table("feature codec", "cuts", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("code", "bytes (95 %)", "million MACs"):
        table.add_column(heading, justify="right")
    table.add_column(f"{measure} behind")
    for name, codec in network.feature_codecs.items():
        record = codec.record
        behind = [
            f"{exit_name} {max(lossless[exit_name] - of_exit[codec.code.name], 0.0):.4f}"
            for exit_name, of_exit in lost.items()
            if codec.code.name in of_exit and exit_name in lossless
        ]
        table.add_row(
            f"{name}, {codec.direction}",
            _places(network, name),
            "x".join(map(str, record.code_shape)),
            f"{record.bytes_mean:,.0f} ({record.bytes_p95:,.0f})",
            f"{record.encoder_macs / 1e6:,.1f}, {record.decoder_macs / 1e6:,.1f}",
            "\n".join(behind),
        )
    return table


def _places(network: Network, name: str) -> str:
    """Where a codec reads and where it gives, on the deepest path that has both."""
    codec = network.feature_codecs[name]
    for path in reversed(network.graph.paths):
        points = codec.points(path)
        if points is not None:
            return f"p{points[0]}, p{points[1]}"
    raise AssertionError("a codec of the network stands on one of its paths")
