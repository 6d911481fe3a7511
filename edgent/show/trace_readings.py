"""What trace files were taken for, in words."""

from collections import defaultdict
from collections.abc import Sequence

from edgent.bandwidth.trace_file import ReadTrace
from edgent.bandwidth.trace_statistics import directions, trace_statistics
from edgent.counted import counted


def reading_lines(read: Sequence[ReadTrace]) -> list[str]:
    """One line for each format and reading: how many traces, in which units, and their mean bandwidth."""
    alike: dict[tuple[str, str], list[ReadTrace]] = defaultdict(list)
    for each in read:
        alike[each.trace_format, each.reading].append(each)
    return [_line(*kind, members) for kind, members in alike.items()]


def _line(trace_format: str, reading: str, members: Sequence[ReadTrace]) -> str:
    means = ", ".join(
        f"{trace_statistics(traces).mean_bps / 1e3:,.0f} kbps{way}"
        for way, traces in directions("", [each.trace for each in members])
    )
    rows = sum(each.dropped_rows for each in members)
    left_out = f"; {counted(rows, 'row')} left out" if rows else ""
    unpaired = sum(each.unpaired_samples for each in members)
    if unpaired:
        left_out += f"; {counted(unpaired, 'sample')} left out where .up or .down is longer"
    return (
        f"read: {counted(len(members), 'trace')} as {trace_format}"
        f"{f' ({reading})' if reading else ''}, mean {means}{left_out}"
    )
