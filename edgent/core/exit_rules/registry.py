"""The measures of confidence by name, open to other packages.

A package adds one by an entry point of the group ``edgent.confidences`` that names a `Confidence`; a program
adds one by ``CONFIDENCES.add``.
"""

from edgent.core.exit_rules.confidence import Confidence
from edgent.core.exit_rules.entropy import Entropy
from edgent.core.exit_rules.largest_probability import LargestProbability
from edgent.core.exit_rules.margin import Margin
from edgent.core.registry import Registry

CONFIDENCES: Registry[Confidence] = Registry(
    "measure of confidence",
    "edgent.confidences",
    {"largest_probability": LargestProbability(), "entropy": Entropy(), "margin": Margin()},
    wanted=Confidence,
)
