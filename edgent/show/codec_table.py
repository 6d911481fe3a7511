"""The codecs of a profile as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgent.latency.profile import NodeProfile

LEAST_OF_CODECS = ("95 % stay under", "this node")
"""Headings of the columns that a narrow terminal can do without."""


def codec_table(profile: NodeProfile) -> Table:
    """Bytes and microseconds of every codec: of the input, over all cuts, and of each feature codec."""
    table = Table(title=f"Codecs on the {profile.node}")
    for heading in ("tensor", "codec", "frame, bytes", "95 % stay under", "µs", "this node"):
        words = heading in {"tensor", "codec"}
        table.add_column(
            heading, justify="left" if words else "right", overflow="fold", no_wrap=heading != "codec"
        )
    groups = {(row.partition_point > 0, row.rises, row.codec): None for row in profile.codecs}
    for behind, rises, codec in groups:
        group = behind, rises, codec
        rows = [row for row in profile.codecs if (row.partition_point > 0, row.rises, row.codec) == group]
        table.add_row(
            "activation" if behind else "input",
            codec,
            _range([row.size_bytes for row in rows], ",.0f"),
            _range([row.size_p95_bytes for row in rows], ",.0f"),
            _range([row.timing.time_s * 1e6 for row in rows], ",.0f"),
            "writes" if rises == (profile.node == "device") else "reads",
        )
    for feature in profile.features:
        table.add_row(
            "code",
            feature.code.partition(".")[0],
            f"{feature.size_bytes:,.0f}",
            f"{feature.size_p95_bytes:,.0f}",
            f"{feature.timing.time_s * 1e6:,.0f}",
            "encodes or decodes",
        )
    return table


def _range(values: Iterable[float], form: str) -> str:
    """One value, or the least and the greatest of several."""
    array = np.array(list(values))
    low, high = format(array.min(), form), format(array.max(), form)
    return low if low == high else f"{low} to {high}"
