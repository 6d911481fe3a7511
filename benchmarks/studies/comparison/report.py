"""The report of the comparison: its verdict, all tables and all pictures."""

from benchmarks.studies.comparison.link_figures import accuracy_figure, latency_figure, selection_figure
from benchmarks.studies.comparison.other_figures import dynamic_figure, limit_figure, load_figure
from benchmarks.studies.comparison.results import Results
from benchmarks.studies.comparison.tables import tables, verdict
from benchmarks.studies.study import Report

STATIC, TRACES, LIMIT, LOAD = (
    f"comparison-{what}" for what in ("static", "traces", "limit", "load")
)  # the files of rows


def report(results: Results) -> Report:
    """The report of a run."""
    figures = {
        "Latency against bandwidth": latency_figure(results),
        "Selected exit and partition point": selection_figure(results),
        "Accuracy under latency requirements": accuracy_figure(results),
        "Distance to the limit": limit_figure(results.limits),
        "Many devices": load_figure(results.loads),
    }
    if results.replayed:
        figures["Replayed traces"] = dynamic_figure(results.replayed)
    requests = max(len(outcome.answers) for outcome in results.outcomes)
    counted = f"At most {requests} requests a cell; cells: median latency, accuracy in time."
    pictures = {
        f"comparison-{'-'.join(title.lower().split()[:2])}.png": (title, figure)
        for title, figure in figures.items()
    }
    records = {
        STATIC: [answer for outcome in results.outcomes for answer in outcome.answers],
        TRACES: results.replayed,
        LIMIT: results.limits,
        LOAD: results.loads,
    }
    return Report([counted, verdict(results)], tables(results), pictures, records)
