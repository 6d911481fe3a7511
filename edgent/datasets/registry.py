"""The data sets by name, open to other packages.

A package adds a data set by an entry point of the group ``edgent.datasets`` that names a `Dataset`; a program
adds one by ``DATASETS.add``.
"""

from edgent.core.registry import Registry
from edgent.datasets.cifar10 import Cifar10
from edgent.datasets.dataset import Dataset
from edgent.datasets.digits import Digits

DATASETS: Registry[Dataset] = Registry(
    "data set", "edgent.datasets", {"digits": Digits(), "cifar10": Cifar10()}, wanted=Dataset
)
