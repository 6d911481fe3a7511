"""What a check tells."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Attributes:
        check: what was looked at.
        state: ``wrong`` keeps answers from coming or lets others in; ``warning`` does not yet.
        finding: what was seen.
        remedy: what to do about it; empty when all is well.
    """

    check: str
    state: State
    finding: str
    remedy: str = ""
