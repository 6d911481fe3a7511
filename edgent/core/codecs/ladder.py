"""The ladder of picture codecs: every rung that a name may ask for."""

import functools
import re
from collections.abc import Mapping

from PIL import __version__ as pillow_version

from edgent.core.codecs.avif_rung import AvifRung, is_there
from edgent.core.codecs.jpeg_rung import JpegRung
from edgent.core.codecs.rung import Rung, parsed_name
from edgent.core.codecs.webp_rung import WebpRung
from edgent.errors import UnknownNameError

FAMILIES: Mapping[str, type[Rung]] = {rung.family: rung for rung in (JpegRung, WebpRung, AvifRung)}
READERS = tuple(family() for family in FAMILIES.values())
"""One of each family reads what any rung of it wrote."""
LADDER_NAMES = (
    re.compile(r"(jpeg|webp|avif)[0-9@].*|avif"),
    (
        "write the quality, 1 to 100, and behind @ what is left of the sides, if less than all, in at most "
        "two digits: jpeg30, avif20@0.7"
    ),
)
"""What a name looks like that was meant to be one of these, and how they are written."""


@functools.cache
def rung_of(name: str) -> Rung | None:
    """The rung of a name; None where it is the name of none.

    Raises:
        UnknownNameError: this Pillow does not write its format.
    """
    parsed = parsed_name(name)
    if parsed is None:
        return None
    family, quality, percent = parsed
    if family == AvifRung.family and not is_there():
        raise UnknownNameError(
            f"codec {name!r}: Pillow {pillow_version} here was built without AVIF; install pillow>=11.3, "
            "whose wheels have it, on the device and in TorchServe's environment, or leave the codec out"
        )
    return FAMILIES[family](quality, percent)
