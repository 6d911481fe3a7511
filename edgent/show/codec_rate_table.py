"""What codecs take on the wire and leave of the accuracy, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

from edgent.accuracy.codec_rates import narrowing
from edgent.core.codecs.ladder import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.accuracy.codec_accuracy import CodecAccuracies
    from edgent.accuracy.codec_rates import CodecRate

_P95 = "(95 %)"


def codec_rate_table(rates: Sequence[CodecRate], accuracies: CodecAccuracies) -> Table:
    """A row for each codec and crossing, by rising bytes, and one for no loss.

    Args:
        rates: by rising bytes; of an activation codec the cuts are shown at which fewer bytes cross than at
            all before.
        accuracies: of which the rates were made.
    """
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("codec", "crossing"):
        table.add_column(heading, overflow="fold")
    for heading in ("bytes", _P95, *(exit_.exit for exit_ in accuracies.exits)):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_row("lossless", "", "", "", *(f"{exit_.accuracy:.3f}" for exit_ in accuracies.exits))
    for rate in narrowing(rates):
        table.add_row(
            rate.codec,
            rate.crossing,
            f"{rate.size_bytes:,.0f}",
            f"{rate.size_p95_bytes:,.0f}",
            *(_accuracy(rate, exit_.exit) for exit_ in accuracies.exits),
        )
    return table


def least_of_rates(accuracies: CodecAccuracies) -> tuple[str, ...]:
    """Headings of columns of `codec_rate_table` that a narrow terminal can do without."""
    return (_P95, *(exit_.exit for exit_ in accuracies.exits[:-1]))


def beside_pictures_table(rates: Sequence[CodecRate], exit_name: str) -> Table:
    """Each feature codec beside the best rung of each picture format that takes no more bytes.

    Args:
        rates: by rising bytes.
        exit_name: whose accuracy is compared.
    """
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("feature codec", overflow="fold")
    for heading in ("bytes", exit_name, *map(_best_of, FAMILIES)):
        table.add_column(heading, justify="right", no_wrap=True)
    for rate in rates:
        if rate.kind in {"feature codec", "student"}:
            rungs = (_best_as_small(rates, family, rate.size_bytes, exit_name) for family in FAMILIES)
            table.add_row(rate.codec, f"{rate.size_bytes:,.0f}", _accuracy(rate, exit_name), *rungs)
    return table


def least_beside_pictures() -> tuple[str, ...]:
    """Headings of the columns of `beside_pictures_table` that a narrow terminal can do without."""
    _, *others = map(_best_of, FAMILIES)
    return tuple(reversed(others))


def _best_of(family: str) -> str:
    return f"best {family} as small"


def _best_as_small(rates: Sequence[CodecRate], family: str, most_bytes: float, exit_name: str) -> str:
    """The most accurate rung of a format of at most so many bytes; where there is none the smallest one."""
    rungs = [rate for rate in rates if rate.kind == "input" and rate.family == family]
    if not rungs:
        return "none offered"
    small = [rate for rate in rungs if rate.size_bytes <= most_bytes]
    best = max(small, key=lambda rate: rate.reached[exit_name]) if small else rungs[0]
    said = f"{best.codec}, {best.size_bytes:,.0f}: {_accuracy(best, exit_name)}"
    return said if small else f"none; {said}"


def _accuracy(rate: CodecRate, exit_name: str) -> str:
    return f"{rate.reached[exit_name]:.3f}" if exit_name in rate.reached else ""
