"""Which plans lose on every link, to which other one, and by what.

If the edge is faster on every layer, every cut inside an exit's path is dominated by edge-only of the same
exit: it sends back more and computes longer. That follows from the latency formula, and is shown as it is.
"""

from dataclasses import dataclass

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import ACCURACY


@dataclass(frozen=True)
class Domination:
    """What the better plan does better, whatever the link.

    Attributes:
        by: index of the better plan.
        saved_upload_bytes, saved_download_bytes: that it does not send.
        saved_compute_s: on both nodes together.
        gained_accuracy: 0 to 1.
        needs_no_edge: whether it, and only it, runs wholly on the device.
        measure: what accuracy is measured by.
    """

    by: int
    saved_upload_bytes: float
    saved_download_bytes: float
    saved_compute_s: float
    gained_accuracy: float
    needs_no_edge: bool
    measure: str = ACCURACY

    def __str__(self) -> str:
        reasons = []
        if self.needs_no_edge:
            reasons.append("needs no edge")
        else:
            if self.saved_upload_bytes > 0:
                reasons.append(f"sends {self.saved_upload_bytes:,.0f} B less")
            if self.saved_download_bytes > 0:
                reasons.append(f"gets {self.saved_download_bytes:,.0f} B less back")
        if self.saved_compute_s > 0:
            reasons.append(f"computes {1e3 * self.saved_compute_s:.2g} ms less")
        if self.gained_accuracy > 0:
            better = "accurate" if self.measure == ACCURACY else self.measure
            reasons.append(f"{100 * self.gained_accuracy:.2g} points more {better}")
        return ", ".join(reasons)


def domination(table: CostTable, k: int) -> Domination | None:
    """What beats plan k on every link; None if there are links on which k may be the best.

    Of several: edge-only of the same exit and input codec, else of the same exit, else the quickest.
    """
    better = table.dominated_by(k)
    if not better:
        return None
    plan = table.plans[k]

    def distance(j: int) -> tuple[bool, bool]:
        same_exit = bool(table.edge_only[j] and table.exit_index[j] == table.exit_index[k])
        return (not same_exit, table.plans[j].codec_up != plan.codec_up)

    j = min(better, key=distance)
    compute_s = table.fixed_s(0.0)
    return Domination(
        by=j,
        saved_upload_bytes=float(table.upload_bytes[k] - table.upload_bytes[j]),
        saved_download_bytes=float(table.download_bytes[k] - table.download_bytes[j]),
        saved_compute_s=float(compute_s[k] - compute_s[j]),
        gained_accuracy=float(table.accuracy[j] - table.accuracy[k]),
        needs_no_edge=bool(table.remote[k] and not table.remote[j]),
        measure=table.measure,
    )


@dataclass(frozen=True)
class ExitDomination:
    """What becomes of one exit's plans that are cut inside its path, over all codecs; none leaves early.

    Attributes:
        exit: its name.
        cuts: how many there are.
        to_edge_only: how many of them edge-only of the same exit beats on every link.
        to_others: how many of the rest another plan does.
        device_wins: whether device-only of this exit beats its edge-only on every link.
    """

    exit: str
    cuts: int
    to_edge_only: int
    to_others: int
    device_wins: bool


def domination_by_exit(table: CostTable) -> list[ExitDomination]:
    """One for each exit, shallow to deep."""
    of_exits = []
    for number, name in enumerate(table.exits):
        of_exit = (table.exit_index == number) & ~table.leaves_early
        edge_only, device_only = of_exit & table.edge_only, of_exit & ~table.remote
        inner = of_exit & table.remote & ~table.edge_only
        beaten = [domination(table, int(k)) for k in np.flatnonzero(inner)]
        to_edge_only = sum(better is not None and bool(edge_only[better.by]) for better in beaten)
        to_any = sum(better is not None for better in beaten)
        device_wins = all(device_only[table.dominated_by(int(k))].any() for k in np.flatnonzero(edge_only))
        of_exits.append(ExitDomination(name, len(beaten), to_edge_only, to_any - to_edge_only, device_wins))
    return of_exits
