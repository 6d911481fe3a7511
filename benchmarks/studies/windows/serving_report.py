"""The report of serving: one worker for every window beside one for the whole network."""

from collections.abc import Sequence
from statistics import median

import numpy as np

from benchmarks.studies.study import Report, Table
from benchmarks.studies.windows.memory import Memory
from benchmarks.studies.windows.serving import Served
from benchmarks.studies.windows.throughput import DEVICES

MOST_MEMORY, LONGEST_FIRST_S, LEAST_THROUGHPUT = 1.5, 1.0, 0.9
_PARTS = ("resident_bytes", "proportional_bytes", "own_bytes")


def report(served: Served) -> Report:
    """The report of one run."""
    return Report(
        tables=[_goals(served), _memory(served), _times(served), _throughput(served)],
        records={"windows-cold": served.cold, "windows-throughput": served.pairs},
    )


def _goals(served: Served) -> Table:
    ratio = _ratios(served)
    largest = max(cold.resident_bytes for cold in served.cold) / served.memory[-1].whole.resident_bytes
    rows = [
        (
            "resident memory, worker of all windows over worker of the whole network",
            f"{ratio:.2f}, at most {largest:.2f} on the way",
            f"at most {MOST_MEMORY}",
        ),
        (
            "first answer of a cold window, longest",
            f"{max(cold.first_s for cold in served.cold) * 1e3:.0f} ms",
            f"at most {LONGEST_FIRST_S * 1e3:,.0f} ms",
        ),
        (
            f"requests of {DEVICES} devices, pipeline's endpoint over the head's own, median of pairs",
            f"{median(pair.ratio for pair in served.pairs):.2f}",
            f"at least {LEAST_THROUGHPUT}",
        ),
    ]
    return Table("One worker for every window", ("", "measured", "wanted"), rows)


def _ratios(served: Served) -> float:
    """The largest ratio of resident memory of all moments."""
    return max(both.pipeline.resident_bytes / both.whole.resident_bytes for both in served.memory)


def _memory(served: Served) -> Table:
    rows = [(both.moment, *_megabytes(both.whole), *_megabytes(both.pipeline)) for both in served.memory]
    note = "MB: resident (RSS), shared pages divided (PSS), pages of its own (USS)."
    heads = (
        "",
        *(f"{who}: {kind}" for who in ("whole network", "pipeline") for kind in ("RSS", "PSS", "USS")),
    )
    return Table("", heads, rows, note)


def _megabytes(memory: Memory) -> tuple[str, ...]:
    return tuple(f"{getattr(memory, part) / 1e6:.0f}" for part in _PARTS)


def _times(served: Served) -> Table:
    rows = [
        _quantiles("cold window: first ask to first answer", [cold.first_s for cold in served.cold]),
        _quantiles("refusal of a cold window", [s for cold in served.cold for s in cold.refusals_s]),
        _quantiles(
            "request for a warm window meanwhile", [s for cold in served.cold for s in cold.bystanders_s]
        ),
        _quantiles("request for it while nothing is loaded", served.undisturbed_s),
    ]
    return Table("", ("ms", "count", "median", "99 %", "longest"), rows)


def _quantiles(what: str, seconds: Sequence[float]) -> tuple[str, ...]:
    values = (f"{value * 1e3:.1f}" for value in np.percentile(seconds, [50, 99, 100]))
    return (what, f"{len(seconds):,}", *values)


def _throughput(served: Served) -> Table:
    pairs = served.pairs
    rows = [
        _endpoint("the head's own", [(pair.own_per_s, pair.own_s) for pair in pairs]),
        _endpoint("the pipeline's", [(pair.pipeline_per_s, pair.pipeline_s) for pair in pairs]),
    ]
    low, high = np.percentile([pair.ratio for pair in pairs], [25, 75])
    note = (
        f"{DEVICES} devices that ask for all layers without a pause over HTTP: medians of {len(pairs)} pairs "
        f"of runs; half of the pairs have ratios from {low:.2f} to {high:.2f}, "
        f"{sum(pair.refused for pair in pairs)} requests were refused."
    )
    return Table("", ("endpoint", "answers a second", "an answer takes, ms"), rows, note)


def _endpoint(name: str, runs: Sequence[tuple[float, float]]) -> tuple[str, ...]:
    per_s, seconds = zip(*runs, strict=True)
    return (name, f"{median(per_s):.0f}", f"{median(seconds) * 1e3:.0f}")
