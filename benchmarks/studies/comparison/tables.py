"""The tables of the report, and what they come down to."""

from collections.abc import Sequence
from statistics import mean, median

from benchmarks.studies.comparison.methods import METHODS, OURS
from benchmarks.studies.comparison.other_figures import PART_LABELS
from benchmarks.studies.comparison.results import PART_NAMES, Results

Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Headings and rows."""
_INTERFACES = {"http": "HTTP", "grpc": "gRPC"}


def tables(results: Results) -> dict[str, Table]:
    """Everything that the report says in figures, by title."""
    found = {"Methods": _methods(results)}
    for requirement_s in results.requirements_s:
        found[f"Within {requirement_s * 1e3:g} ms"] = _grid(results, requirement_s)
    found["Distance to the limit, T / T*: the runs above"] = _ratios(results)
    if results.steps:
        found["Traces"] = _traces(results)
    if results.limits:
        found["Distance to the limit, T / T*: a device at full speed"] = _limits(results)
        found["Where it goes, ms"] = _parts(results)
    if results.loads:
        found["Many devices"] = _loads(results)
    return found


def _methods(results: Results) -> Table:
    rows = []
    for method in results.methods:
        own = [one for one in results.outcomes if one.method == method]
        what = METHODS[method].what if method in METHODS else "every plan and codec, a local exit standing by"
        accuracy = mean(one.accuracy_in_time for one in own)
        rows.append((method, what, f"{accuracy:.1%}", f"{mean(one.late_share for one in own):.1%}"))
    return ("method", "what it does", "accuracy in time, mean of all cells", "late"), rows


def _grid(results: Results, requirement_s: float) -> Table:
    heads = ("kbps", *results.methods, "plan of ours")
    rows = []
    for rate_bps in results.rates_bps:
        outcomes = [results.outcome(rate_bps, requirement_s, method) for method in results.methods]
        cells = [
            "none" if one.median_s is None else f"{one.median_s * 1e3:.0f} ms, {one.accuracy_in_time:.1%}"
            for one in outcomes
        ]
        rows.append(
            (f"{rate_bps / 1e3:,g}", *cells, str(results.outcome(rate_bps, requirement_s, OURS).plan))
        )
    return heads, rows


def _ratios(results: Results) -> Table:
    """Of every method on every link, the median over the requirements."""
    rows = []
    for rate_bps in results.rates_bps:
        row = [f"{rate_bps / 1e3:,g}"]
        for method in results.methods:
            outcomes = [results.outcome(rate_bps, one, method) for one in results.requirements_s]
            ratios = [one.ratio for one in outcomes if one.ratio]
            row.append(f"{median(ratios):.2f}" if ratios else "none")
        rows.append(row)
    return ("kbps", *results.methods), rows


def _traces(results: Results) -> Table:
    rows = []
    for policy in dict.fromkeys(one.policy for one in results.steps):
        own = [one for one in results.steps if one.policy == policy]
        late = mean(not one.in_time for one in own)
        accuracy = mean(one.accuracy if one.in_time else 0.0 for one in own)
        reward, throughput = mean(one.reward for one in own), mean(one.throughput for one in own)
        rows.append(
            (policy, f"{len(own)}", f"{late:.1%}", f"{accuracy:.1%}", f"{throughput:.1f}", f"{reward:.2f}")
        )
    return ("policy", "answers", "late", "accuracy in time", "throughput, 1/s", "reward"), rows


def _limits(results: Results) -> Table:
    methods = list(dict.fromkeys(row.method for row in results.limits))
    rates = list(dict.fromkeys(row.rate_bps for row in results.limits))
    by_cell = {(row.rate_bps, row.method): row for row in results.limits}
    rows = [
        (
            f"{rate / 1e3:,g}",
            *(
                _limit_cell(by_cell[rate, method].parts.total_s, by_cell[rate, method].ratio)
                for method in methods
            ),
        )
        for rate in rates
    ]
    return ("kbps", *methods), rows


def _parts(results: Results) -> Table:
    rows = [
        (
            f"{row.rate_bps / 1e3:,g}",
            row.method,
            _INTERFACES[row.interface],
            *(f"{getattr(row.parts, name) * 1e3:.2f}" for name in PART_NAMES),
            f"{row.ratio:.2f}",
        )
        for row in results.limits
    ]
    return ("kbps", "method", "over", *PART_LABELS, "T / T*"), rows


def _limit_cell(total_s: float, ratio: float) -> str:
    return f"{total_s * 1e3:.1f} ms, {ratio:.2f}"


def _loads(results: Results) -> Table:
    heads = ["devices", "batch", "answers/s", "p50, ms", "p99, ms", "over 100 ms", "refused"]
    heads += ["another device's plan", "its latency, ms", "predicted, ms"]
    rows = [
        (
            f"{row.devices}",
            f"{row.batch_size}",
            f"{row.throughput:.0f}",
            f"{row.p50_s * 1e3:.1f}",
            f"{row.p99_s * 1e3:.1f}",
            f"{row.late_share:.1%}",
            f"{row.refused}",
            str(row.observer_plan),
            f"{row.observer_s * 1e3:.0f}",
            f"{row.observer_predicted_s * 1e3:.0f}",
        )
        for row in results.loads
    ]
    return heads, rows


def verdict(results: Results) -> str:
    """In how many cells another method's answers in time are more accurate than ours, and where most."""
    behind = []
    cells = [(rate, requirement) for rate in results.rates_bps for requirement in results.requirements_s]
    for rate_bps, requirement_s in cells:
        own = results.outcome(rate_bps, requirement_s, OURS).accuracy_in_time
        for method in results.methods:
            lead = results.outcome(rate_bps, requirement_s, method).accuracy_in_time - own
            if lead > 0:
                behind.append(
                    (lead, f"{method} at {rate_bps / 1e3:g} kbps within {requirement_s * 1e3:g} ms")
                )
    if not behind:
        return f"In none of {len(cells)} cells is another method more accurate in time than ours."
    lead, where = max(behind)
    count = len({text.partition(" at ")[2] for _, text in behind})
    return (
        f"In {count} of {len(cells)} cells another method is more accurate in time than ours, "
        f"by {lead:.1%} at most ({where})."
    )
