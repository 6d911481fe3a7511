"""A plan: which exit to stop at, what the edge runs, and how the tensors are written on the wire."""

import re
from dataclasses import dataclass

from edgent.errors import PlanError

RAW = "raw"
"""The input codec that every head takes: uint8 pixels as they are."""

FILE = "file"
"""The input codec in which a photo's own file goes up."""

FLOAT32 = "float32"
"""The activation codec that every head takes and writes: the tensor as it is."""

ACCEPTED_FORM = (
    "EXIT:pPOINT[:[CODEC_UP:]CODEC_DOWN] or EXIT:pSTART-pSTOP[:[CODEC_UP:]CODEC_DOWN], "
    "e.g. exit3:p7, exit3:p7:uint8, exit3:p7:webp:uint8 or exit3:p2-p9, with +early behind it where inputs "
    "may leave at earlier exits"
)

_TEXT = re.compile(
    r"(?P<exit>[\w.-]+):p((?P<start>\d{1,6})-p)?(?P<stop>\d{1,6})(:((?P<up>[\w.@-]+):)?(?P<down>[\w.@-]+))?"
    r"(?P<early>\+early)?",
    re.ASCII,
)


@dataclass(frozen=True)
class Plan:
    """What is done with one input: the edge runs the window [start, stop) of an exit's path.

    The device runs [0, start) before and [stop, N) after. An empty window is device-only, and all of these
    are one plan.

    Attributes:
        exit: name of the exit point whose answer is given.
        stop: where the window ends and the tensor comes down; the path's length where the edge answers.
        codec_up: how the tensor is written that goes up: the input, or an activation where the window starts
            inside the path; ``raw`` and ``float32`` unless given.
        codec_down: how the tensor is written that comes down.
        start: where the window starts and the tensor goes up; 0: the input does.
        leaves_early: whether exits on the way are asked, and an input stops at one that is sure of it.

    Examples:
        >>> Plan.parse("exit3:p7:webp:uint8")
        Plan(exit='exit3', stop=7, codec_up='webp', codec_down='uint8', start=0, leaves_early=False)
        >>> str(Plan("exit3", 9, codec_down="uint8", start=2, leaves_early=True))
        'exit3:p2-p9:uint8+early'
    """

    exit: str
    stop: int
    codec_up: str = ""
    codec_down: str = FLOAT32
    start: int = 0
    leaves_early: bool = False

    def __post_init__(self) -> None:
        if self.start == self.stop:
            for name, value in (("start", 0), ("stop", 0), ("codec_up", RAW), ("codec_down", FLOAT32)):
                object.__setattr__(self, name, value)
        if not self.codec_up:
            object.__setattr__(self, "codec_up", self._usual_codec_up)
        match = _TEXT.fullmatch(str(self))
        if match is None or match["exit"] != self.exit or self.start > self.stop:
            raise PlanError(f"{str(self)!r} is no plan; expected {ACCEPTED_FORM}")

    @classmethod
    def device_only(cls, exit_name: str) -> "Plan":
        """All of an exit's path on the device."""
        return cls(exit_name, 0)

    @classmethod
    def parse(cls, text: str) -> "Plan":
        """Read the text form; a single codec is that of what comes down.

        Raises:
            PlanError: this is no text of the accepted form, which the message shows.
        """
        match = _TEXT.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            raise PlanError(f"{text!r} is no plan; expected {ACCEPTED_FORM}")
        return cls(
            exit=match["exit"],
            stop=int(match["stop"]),
            codec_up=match["up"] or "",
            codec_down=match["down"] or FLOAT32,
            start=int(match["start"] or 0),
            leaves_early=match["early"] is not None,
        )

    @property
    def sends_file(self) -> bool:
        """Whether a photo's own file goes up: the device needs no pixels for that."""
        return self.remote and self.start == 0 and self.codec_up == FILE

    @property
    def remote(self) -> bool:
        """Whether anything runs on the edge."""
        return self.stop > 0

    @property
    def _usual_codec_up(self) -> str:
        return FLOAT32 if self.start else RAW

    def __str__(self) -> str:
        window = f"p{self.start}-p{self.stop}" if self.start else f"p{self.stop}"
        text, early = f"{self.exit}:{window}", "+early" * self.leaves_early
        if self.codec_up != self._usual_codec_up:
            return f"{text}:{self.codec_up}:{self.codec_down}{early}"
        if self.codec_down != FLOAT32:
            return f"{text}:{self.codec_down}{early}"
        return text + early
