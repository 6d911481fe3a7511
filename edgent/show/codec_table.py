"""The codecs of a profile as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgent.latency.profile import NodeProfile


def codec_table(profile: NodeProfile) -> Table:
    """Bytes and microseconds of every codec: of the input, and over all cuts."""
    table = Table(title=f"Codecs on the {profile.node}")
    for heading in ("tensor", "codec", "frame, bytes", "95 % stay under", "µs", "this node"):
        table.add_column(heading, justify="right" if heading not in {"tensor", "codec"} else "left")
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
    return table


def _range(values: Iterable[float], form: str) -> str:
    """One value, or the least and the greatest of several."""
    array = np.array(list(values))
    low, high = format(array.min(), form), format(array.max(), form)
    return low if low == high else f"{low} to {high}"
