"""What the report of crossings says of made-up measurements."""

from benchmarks.studies.crossings.crossings import OwnChoice, Quickest
from benchmarks.studies.crossings.crossings_report import report
from edgent.planning.plan import Plan

LEARNED, ALONE = Plan.parse("exit6:p36-p45:p00-p36-4ch:float32"), Plan.parse("exit4:p0")
MEASURED = [
    Quickest(250e3, "feature codec", LEARNED, 0.886, 0.030, (0.029, 0.025, 0.031), 246, 162),
    Quickest(250e3, "device-only", ALONE, 0.871, 0.051, (0.058, 0.058), 0, 0),
    Quickest(250e3, "edge-only", Plan.parse("exit6:p45:raw:float32"), 0.919, 4.8, (4.8,), 0, 0),
]
OWN = [OwnChoice(250e3, "grpc", (LEARNED, LEARNED, ALONE), (0.03, 0.03, 0.06), (1.05,))]


def test_ratios_are_of_medians() -> None:
    """The learned codec's median against the least of the other medians; what was not run is said."""
    said = report(MEASURED, OWN)
    assert said.facts == [
        (
            "250 kbps: the quickest plan with a feature codec takes 29.0 ms, the quickest other one, "
            "device-only, 58.0 ms: 2.00 times as long."
        )
    ]
    assert said.tables[0].rows[0][5:] == ("29.0", "+3.4%", "246 + 162")
    assert said.tables[0].rows[2][5] == "not run"
    assert said.tables[1].rows == [("250", "grpc", f"`{LEARNED}`", "2 of 3", "30.0", "+5.0%")]
