"""Kinds of plans, and the quickest of each."""

import pytest

from benchmarks.studies.crossings.families import FAMILIES, family_of, quickest_of_each
from benchmarks.studies.study import PIPELINES
from edgent.latency.loading import load_cost_table
from edgent.network import Network
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.spec import read_spec

FEATURES = ("p00-p36-4ch",)


@pytest.mark.parametrize(
    ("plan", "family"),
    [
        ("exit6:p0", "device-only"),
        ("exit6:p45:jpeg30:float32", "edge-only"),
        ("exit6:p36-p45:p00-p36-4ch:float32", "feature codec"),
        ("exit6:p10-p20:uint8:float32", "uint8 cut"),
        ("exit6:p10:webp:uint8", "uint8 cut"),
        ("exit6:p10-p20:float32:float32", None),
    ],
)
def test_family(plan: str, family: str | None) -> None:
    """What crosses says it; floats across are no kind that is compared."""
    assert family_of(Plan.parse(plan), 45, FEATURES) == family


def test_the_quickest_of_each_is_accurate_enough() -> None:
    """No plan of the same family that is as accurate is quicker, by brute force over the shipped pipeline."""
    network = Network.open(read_spec(PIPELINES / "flowers.yaml"))
    costs, link = load_cost_table(network), Link(0.002, 250e3, 250e3)
    least = 0.86
    chosen = quickest_of_each(costs, link, least, network.feature_codecs)
    assert set(chosen) == set(FAMILIES)
    latency_s = costs.latency_s(link)
    for family, plan in chosen.items():
        k = costs.index_of(plan)
        assert costs.accuracy[k] >= least
        rivals = [
            float(latency_s[j])
            for j, other in enumerate(costs.plans)
            if costs.accuracy[j] >= least
            and family_of(other, int(costs.layers[j]), network.feature_codecs) == family
        ]
        assert float(latency_s[k]) == min(rivals)
