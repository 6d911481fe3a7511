"""The ladder of picture codecs: every rung that a name may ask for."""

from collections.abc import Mapping

from PIL import __version__ as pillow_version

from edgent.core.codecs import avif_rung
from edgent.core.codecs.avif_rung import AvifRung
from edgent.core.codecs.jpeg_rung import JpegRung
from edgent.core.codecs.rung import Rung, parsed_name
from edgent.core.codecs.webp_rung import WebpRung
from edgent.errors import UnknownNameError

FAMILIES: Mapping[str, type[Rung]] = {rung.family: rung for rung in (JpegRung, WebpRung, AvifRung)}
READERS = tuple(family() for family in FAMILIES.values())
"""One of each family reads what any rung of it wrote."""


def rung_of(name: str) -> Rung | None:
    """The rung of a name; None where it is the name of none.

    Raises:
        UnknownNameError: this Pillow does not write its format.
    """
    parsed = parsed_name(name)
    if parsed is None or parsed[0] not in FAMILIES:
        return None
    family, quality, percent = parsed
    if family == AvifRung.family and not avif_rung.is_there():
        raise UnknownNameError(
            f"codec {name!r}: Pillow {pillow_version} here was built without AVIF; install pillow>=11.3, "
            "whose wheels have it, on the device and in TorchServe's environment, or leave the codec out"
        )
    return FAMILIES[family](quality, percent)
