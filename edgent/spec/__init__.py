"""The pipeline spec: one YAML file that declares everything.

``read_spec`` turns the file into a frozen, typed :class:`Pipeline`, or raises one ``SpecError`` that lists
every problem with its line and path.
"""

from edgent.spec.read import read_spec
from edgent.spec.schema import Pipeline

__all__ = ["Pipeline", "read_spec"]
