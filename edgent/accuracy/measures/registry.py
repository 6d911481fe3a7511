"""The measures by name, open to other packages.

A package adds a measure by an entry point of the group ``edgent.measures`` that names a `Measure`; a program
adds one by ``MEASURES.add``.
"""

from edgent.accuracy.measures.accuracy import Accuracy
from edgent.accuracy.measures.agreement import Agreement
from edgent.accuracy.measures.closeness import Closeness
from edgent.accuracy.measures.cosine import Cosine
from edgent.accuracy.measures.measure import Measure
from edgent.core.registry import Registry

MEASURES: Registry[Measure] = Registry(
    "measure",
    "edgent.measures",
    {"accuracy": Accuracy(), "agreement": Agreement(), "cosine": Cosine(), "closeness": Closeness()},
    wanted=Measure,
)


def usual_measure(output: str, *, has_labels: bool) -> str:
    """Name of the measure that is used where none is asked for.

    Args:
        output: of the spec, ``labels`` or ``tensor``.
        has_labels: whether the inputs have labels.
    """
    if output == "tensor":
        return "cosine"
    return "accuracy" if has_labels else "agreement"
