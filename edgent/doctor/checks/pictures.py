"""Can the edge read the pictures that devices send? Pillow may have been built without AVIF."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from edgent.doctor.finding import Finding

if TYPE_CHECKING:
    from edgent.doctor.observations import Observations


def check_pictures(seen: Observations) -> list[Finding]:
    """A head reads AVIF where the spec offers it; every Pillow reads jpeg and webp."""
    name = "picture codecs"
    if not seen.probes:
        return []
    if not seen.offers_avif:
        return [Finding(name, "ok", "the spec offers no avif, and every Pillow reads the others")]
    if seen.avif is None:
        return []
    if seen.avif.status == HTTPStatus.BAD_REQUEST:
        remedy = (
            "pip install 'pillow>=11.3' in TorchServe's environment and restart it, or take the avif codecs "
            "out of codecs.input"
        )
        return [Finding(name, "wrong", f"a head refuses an avif picture: {seen.avif.message}", remedy)]
    return [Finding(name, "ok", "the edge reads avif")]
