"""What codecs cost in accuracy, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from edgent.planning.plan import FLOAT32, RAW

if TYPE_CHECKING:
    from edgent.accuracy.codec_accuracy import CodecAccuracies


def accuracy_table(accuracies: CodecAccuracies) -> Table:
    """Bytes of each codec's frames, and what every exit reaches behind it; a row for each codec.

    Codecs without loss share a row. An activation codec counts at the cut where it costs an exit most.
    """
    table = Table("codec", "of", box=SIMPLE_HEAD, padding=0, pad_edge=False)
    for heading in ("bytes", "(95 %)", *(exit_.exit for exit_ in accuracies.exits)):
        table.add_column(heading, justify="right")
    table.add_row("lossless", "", "", "", *(f"{exit_.accuracy:.3f}" for exit_ in accuracies.exits))
    sizes = {(row.partition_point > 0, row.codec): row for row in accuracies.sizes}
    for pair in dict.fromkeys((row.input_codec, row.activation_codec) for row in accuracies.changes):
        if pair[0] != RAW and pair[1] != FLOAT32:
            continue  # of an earlier edgent
        behind = pair[0] == RAW
        size = sizes.get((behind, pair[behind]))
        shown = ("", "") if behind or size is None else (size.size_bytes, size.size_p95_bytes)
        reached = (np.nanmin(accuracies.by_exit[exit_.exit].get(pair, np.nan)) for exit_ in accuracies.exits)
        table.add_row(
            pair[behind],
            "cut" if behind else "input",
            *(f"{value:,.0f}" if value else "" for value in shown),
            *(f"{value:.3f}" for value in reached),
        )
    return table
