"""The report of the comparison: its verdict, all tables and all pictures."""

from benchmarks.studies.comparison.link_figures import accuracy_figure, latency_figure, selection_figure
from benchmarks.studies.comparison.other_figures import (
    LIMIT_READING,
    dynamic_figure,
    limit_figure,
    load_figure,
)
from benchmarks.studies.comparison.results import Results
from benchmarks.studies.comparison.tables import tables, verdict
from benchmarks.studies.study import Picture, Report

_LATENCY = (
    "Three requirements are drawn; the tables have all of them. A method that finds no plan has no point. "
    "Where lines lie on each other, the methods run the same plan, and the last one of the legend hides the "
    "others."
)
_SELECTION = (
    "One requirement and one link are drawn, of the two methods that choose both an exit and a cut; the "
    "tables have every plan of ours."
)
_ACCURACY = (
    "Two links are drawn; the tables have all of them. Below zero: late more often than not, with what the "
    "answers would have been worth. A short bar below zero: no plan."
)
_LIMIT = (
    f"{LIMIT_READING} Of plans that are all on the edge, and a device at full speed. Other methods are left "
    "out: a slow device's computing would hide what is added. The tables have them."
)
_LOAD = (
    "Devices ask without a link between. The device that plans by itself meanwhile is left out; the table "
    "has its plans."
)
_TRACES = (
    "The answers of all traces together. Methods that choose an exit alone or a cut alone, and edge-only in "
    "other formats, were not run on traces. Where lines lie on each other, the last one of the legend hides "
    "the others."
)

STATIC, TRACES, LIMIT, LOAD = (
    f"comparison-{what}" for what in ("static", "traces", "limit", "load")
)  # the files of rows


def report(results: Results) -> Report:
    """The report of a run."""
    shown = [
        Picture("Latency against bandwidth", latency_figure(results), _LATENCY),
        Picture("Selected exit and partition point", selection_figure(results), _SELECTION),
        Picture("Accuracy under latency requirements", accuracy_figure(results), _ACCURACY),
        Picture("Distance to the limit", limit_figure(results.limits), _LIMIT),
        Picture("Many devices", load_figure(results.loads), _LOAD),
    ]
    if results.replayed:
        shown.append(Picture("Replayed traces", dynamic_figure(results.replayed), _TRACES))
    requests = max(len(outcome.answers) for outcome in results.outcomes)
    counted = f"At most {requests} requests a cell; cells: median latency, accuracy in time."
    pictures = {f"comparison-{'-'.join(picture.title.lower().split()[:2])}.png": picture for picture in shown}
    records = {
        STATIC: [answer for outcome in results.outcomes for answer in outcome.answers],
        TRACES: results.replayed,
        LIMIT: results.limits,
        LOAD: results.loads,
    }
    return Report([counted, verdict(results)], tables(results), pictures, records)
