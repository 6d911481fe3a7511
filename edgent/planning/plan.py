"""A plan: which exit to stop at, where to cut its path, and how the tensors are written on the wire."""

import re
from dataclasses import dataclass

from edgent.errors import PlanError

RAW = "raw"
"""The input codec that every head takes: uint8 pixels as they are."""

FLOAT32 = "float32"
"""The activation codec that every head writes: the tensor as it is."""

ACCEPTED_FORM = (
    "EXIT:pPOINT[:[INPUT_CODEC:]ACTIVATION_CODEC], e.g. exit3:p7, exit3:p7:uint8 or exit3:p7:webp:uint8"
)

_TEXT = re.compile(
    r"(?P<exit>[\w.-]+):p(?P<point>\d{1,6})(:((?P<input>[\w.-]+):)?(?P<activation>[\w.-]+))?",
    re.ASCII,
)


@dataclass(frozen=True)
class Plan:
    """What is done with one input.

    Attributes:
        exit: name of the exit point whose answer is given.
        partition_point: layers [0, p) of the exit's path run on the edge, the rest on the device;
            0 is device-only, the path's length is edge-only.
        input_codec: how the input is written; ``raw`` when device-only, for nothing travels.
        activation_codec: how the tensor at the cut is written; ``float32`` when device-only.

    >>> Plan.parse("exit3:p7:webp:uint8")
    Plan(exit='exit3', partition_point=7, input_codec='webp', activation_codec='uint8')
    >>> str(Plan("exit3", 7, activation_codec="uint8"))
    'exit3:p7:uint8'
    """

    exit: str
    partition_point: int
    input_codec: str = RAW
    activation_codec: str = FLOAT32

    def __post_init__(self) -> None:
        if self.partition_point == 0:
            object.__setattr__(self, "input_codec", RAW)
            object.__setattr__(self, "activation_codec", FLOAT32)
        match = _TEXT.fullmatch(str(self))
        if match is None or match["exit"] != self.exit:
            raise PlanError(f"{str(self)!r} is no plan; expected {ACCEPTED_FORM}")

    @classmethod
    def parse(cls, text: str) -> "Plan":
        """Read the text form; a single codec is the activation codec.

        Raises:
            PlanError: the text is not of the accepted form, which the message shows.
        """
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            raise PlanError(f"{text!r} is no plan; expected {ACCEPTED_FORM}")
        return cls(
            exit=match["exit"],
            partition_point=int(match["point"]),
            input_codec=match["input"] or RAW,
            activation_codec=match["activation"] or FLOAT32,
        )

    def __str__(self) -> str:
        text = f"{self.exit}:p{self.partition_point}"
        if self.input_codec != RAW:
            return f"{text}:{self.input_codec}:{self.activation_codec}"
        if self.activation_codec != FLOAT32:
            return f"{text}:{self.activation_codec}"
        return text
