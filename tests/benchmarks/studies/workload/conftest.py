"""Made-up measurements of a device on a link."""

import pytest

from benchmarks.studies.workload.answered import Answered, Measured, Subject
from benchmarks.studies.workload.conditions import Condition
from benchmarks.studies.workload.methods import AGAIN, METHODS, OURS, SMALL, STOCK

LINK = Condition(20.0, 250e3, 250e3, 0.002)
ALONE, BY_EDGE = Subject("exit6:p0"), Subject("exit6:p45:jpeg30:float32")
OWN = Subject(OURS, 0.1)


def answered(latency_s: float, accuracy: float, wanted: str = "exit6:p0", *, right: bool = True) -> Answered:
    """An answer as it was wanted."""
    return Answered(wanted, wanted, latency_s, accuracy, right, 100, 50, latency_s / 2)


@pytest.fixture
def measured() -> Measured:
    """Within 100 ms: ours by a feature codec, the whole network alone is late, the edge is less accurate."""
    answers = {
        ALONE: [answered(0.2, 0.92)] * 2,
        BY_EDGE: [answered(0.09, 0.88, BY_EDGE.name), answered(0.11, 0.88, BY_EDGE.name)],
        Subject(AGAIN): [answered(0.202, 0.92)] * 2,
        Subject(STOCK): [answered(0.5, 0.92, STOCK)] * 2,
        Subject(SMALL): [answered(0.05, 0.8, SMALL, right=False)] * 2,
        OWN: [answered(0.06, 0.9, "exit6:p24-p45:p24-32ch:float32")] * 2,
    }
    candidates = {name: {0.1: [Subject(name)]} for name in (AGAIN, STOCK, SMALL)}
    candidates |= {name: {0.1: [ALONE]} for name in METHODS}
    candidates["edge-only, best codec"] = {0.1: [BY_EDGE]}
    candidates["Neurosurgeon"] = {0.1: []}
    candidates[OURS] = {0.1: [OWN]}
    return Measured(LINK, answers, candidates, 0.001)
