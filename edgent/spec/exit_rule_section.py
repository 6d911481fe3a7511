"""The section of a pipeline spec that lets inputs leave at an exit that is sure enough."""

from typing import Annotated

from pydantic import Field

from edgent.core.exit_rules.registry import CONFIDENCES
from edgent.spec.registered_name import NameIn
from edgent.spec.section import Section


class ExitRuleSection(Section):
    """What is asked of an exit rule; `edgent evaluate --exit-rule` finds its thresholds."""

    measure: Annotated[str, NameIn(CONFIDENCES)] = Field(
        default="largest_probability", description="how sure an exit is: by what of its probabilities"
    )
    loss: float = Field(
        default=0.01,
        gt=0,
        lt=1,
        description="what leaving early may cost at most: accuracy, or agreement with the deepest exit",
    )
    confidence: float = Field(
        default=0.95, ge=0.5, lt=1, description="that another sample of as many inputs loses no more"
    )
    file: str | None = Field(
        default=None,
        min_length=1,
        description="thresholds and shares; `edgent evaluate --exit-rule` writes it",
    )
