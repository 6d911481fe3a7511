"""What all sections of a spec share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Section(BaseModel):
    """Unknown keys are refused, types are not bent, nothing changes later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
