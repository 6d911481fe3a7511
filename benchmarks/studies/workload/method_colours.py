"""The colour of each method, the same in every picture."""

from collections.abc import Mapping

from benchmarks.studies.palette import BLACK, BLUE, GREEN, LIGHT_GREY, ORANGE, PURPLE, SKY, VERMILION
from benchmarks.studies.workload.devices import BEFORE
from benchmarks.studies.workload.methods import EDGE_ONLY, LOCAL_EXIT, NEUROSURGEON, OURS, PAPER, SMALL, STOCK

METHOD_COLOURS: Mapping[str, str] = {
    OURS: VERMILION,
    LOCAL_EXIT: BLACK,
    PAPER: SKY,
    SMALL: ORANGE,
    EDGE_ONLY: BLUE,
    STOCK: PURPLE,
    NEUROSURGEON: GREEN,
    BEFORE: LIGHT_GREY,
}
"""By name, as legends list them."""
