"""The tables of the report, and what they come down to."""

from collections.abc import Callable, Sequence
from statistics import mean, median

from benchmarks.studies.comparison.answered import late_share, mean_accuracy_in_time
from benchmarks.studies.comparison.limit import PART_NAMES, LimitRow
from benchmarks.studies.comparison.methods import METHODS, OURS
from benchmarks.studies.comparison.results import Results
from benchmarks.studies.study import Table

PART_LABELS = (
    "compute alone",
    "raw round trip",
    "payload",
    "its packets' headers",
    "HTTP or gRPC",
    "TorchServe's hop, added packets",
    "Python",
)
_INTERFACES = {"http": "HTTP", "grpc": "gRPC"}
_NONE = "none"


def tables(results: Results) -> list[Table]:
    """Everything that the report says in figures."""
    shown = [_methods(results)]
    shown += [_grid(results, requirement_s) for requirement_s in results.requirements_s]
    shown.append(_ratios(results))
    if results.replayed:
        shown.append(_traces(results))
    if results.limits:
        shown += [limits_table(results.limits), _parts(results)]
    if results.loads:
        shown.append(_loads(results))
    return shown


def _methods(results: Results) -> Table:
    rows = []
    for method in results.methods:
        outcomes = [outcome for outcome in results.outcomes if outcome.method == method]
        what = METHODS[method].what if method in METHODS else "every plan and codec, a local exit standing by"
        accuracy = mean(outcome.accuracy_in_time for outcome in outcomes)
        late = mean(outcome.late_share for outcome in outcomes)
        rows.append((method, what, f"{accuracy:.1%}", f"{late:.1%}"))
    return Table("Methods", ("method", "what it does", "accuracy in time, mean of all cells", "late"), rows)


def _grid(results: Results, requirement_s: float) -> Table:
    rows = []
    for rate_bps in results.rates_bps:
        outcomes = [results.outcome(rate_bps, requirement_s, method) for method in results.methods]
        cells = [
            _or_none(outcome.median_s, lambda s: f"{s * 1e3:.0f} ms, ")
            + ("" if outcome.median_s is None else f"{outcome.accuracy_in_time:.1%}")
            for outcome in outcomes
        ]
        plan = str(results.outcome(rate_bps, requirement_s, OURS).plan)
        rows.append((f"{rate_bps / 1e3:,g}", *cells, plan))
    return Table(f"Within {requirement_s * 1e3:g} ms", ("kbps", *results.methods, "plan of ours"), rows)


def _ratios(results: Results) -> Table:
    """Of every method on every link, the median over the requirements."""
    rows = []
    for rate_bps in results.rates_bps:
        row = [f"{rate_bps / 1e3:,g}"]
        for method in results.methods:
            within = (results.outcome(rate_bps, each_s, method) for each_s in results.requirements_s)
            ratios = [outcome.ratio for outcome in within if outcome.ratio is not None]
            row.append(f"{median(ratios):.2f}" if ratios else _NONE)
        rows.append(row)
    return Table("Distance to the limit, T / T*: the runs above", ("kbps", *results.methods), rows)


def _traces(results: Results) -> Table:
    rows = []
    for policy in dict.fromkeys(answer.method for answer in results.replayed):
        answers = [answer for answer in results.replayed if answer.method == policy]
        rows.append(
            (
                policy,
                f"{len(answers)}",
                f"{late_share(answers):.1%}",
                f"{mean_accuracy_in_time(answers):.1%}",
                f"{mean(answer.throughput for answer in answers):.1f}",
                f"{mean(answer.reward for answer in answers):.2f}",
            )
        )
    heads = ("policy", "answers", "late", "accuracy in time", "throughput, 1/s", "reward")
    return Table("Traces", heads, rows)


def limits_table(limits: Sequence[LimitRow]) -> Table:
    """T and T / T* of every row: links down, methods across."""
    methods = list(dict.fromkeys(row.method for row in limits))
    cells = {
        (row.rate_bps, row.method): f"{row.parts.total_s * 1e3:.1f} ms, {row.ratio:.2f}" for row in limits
    }
    rows = [
        (f"{rate_bps / 1e3:,g}", *(cells.get((rate_bps, method), _NONE) for method in methods))
        for rate_bps in dict.fromkeys(row.rate_bps for row in limits)
    ]
    return Table("Distance to the limit, T / T*: a device at full speed", ("kbps", *methods), rows)


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
    return Table("Where it goes, ms", ("kbps", "method", "over", *PART_LABELS, "T / T*"), rows)


def _loads(results: Results) -> Table:
    heads = ("devices", "batch", "answers/s", "p50, ms", "p99, ms", "over 100 ms", "refused")
    observer = ("another device's plan", "its latency, ms", "predicted, ms")
    rows = [
        (
            f"{row.devices}",
            f"{row.batch_size}",
            f"{row.throughput:.0f}",
            _or_none(row.p50_s, lambda s: f"{s * 1e3:.1f}"),
            _or_none(row.p99_s, lambda s: f"{s * 1e3:.1f}"),
            _or_none(row.late_share, lambda share: f"{share:.1%}"),
            f"{row.refused}",
            str(row.observer_plan),
            f"{row.observer_s * 1e3:.0f}",
            f"{row.observer_predicted_s * 1e3:.0f}",
        )
        for row in results.loads
    ]
    return Table("Many devices", (*heads, *observer), rows)


def _or_none(value: float | None, show: Callable[[float], str]) -> str:
    return _NONE if value is None else show(value)


def verdict(results: Results) -> str:
    """In how many cells another method's answers in time are more accurate than ours, and where most."""
    cells = [(rate, requirement) for rate in results.rates_bps for requirement in results.requirements_s]
    leads = [max(_leads(results, *cell)) for cell in cells]
    behind = [(lead, where) for lead, where in leads if lead > 0]
    if not behind:
        return f"In none of {len(cells)} cells is another method more accurate in time than ours."
    lead, where = max(behind)
    return (
        f"In {len(behind)} of {len(cells)} cells another method is more accurate in time than ours, "
        f"by {lead:.1%} at most ({where})."
    )


def _leads(results: Results, rate_bps: float, requirement_s: float) -> Sequence[tuple[float, str]]:
    """By how much each method is ahead of ours in a cell, and where that is."""
    own = results.outcome(rate_bps, requirement_s, OURS).accuracy_in_time
    return [
        (
            results.outcome(rate_bps, requirement_s, method).accuracy_in_time - own,
            f"{method} at {rate_bps / 1e3:g} kbps within {requirement_s * 1e3:g} ms",
        )
        for method in results.methods
    ]
