"""Can the edge read the pictures that devices send? Pillow may lack AVIF, an archive may be an older one."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from edgent.doctor.finding import Finding

if TYPE_CHECKING:
    from edgent.doctor.observations import Observations

_AVIF_REMEDY = (
    "pip install 'pillow>=11.3' in TorchServe's environment and restart it, or take the avif codecs out of "
    "codecs.input"
)
_FILE_REMEDY = (
    "build the archives again with `edgent archive SPEC` and restart TorchServe, or take file out of "
    "codecs.input"
)


def check_pictures(seen: Observations) -> list[Finding]:
    """A head reads AVIF and photos' own files where the spec offers them; all read jpeg and webp."""
    name = "picture codecs"
    if not seen.probes:
        return []
    if not seen.offers_avif and not seen.offers_file:
        return [Finding(name, "ok", "the spec offers no avif, and every Pillow reads the others")]
    findings = []
    for kind, one, reply, remedy in (
        ("avif", "an avif picture", seen.avif, _AVIF_REMEDY),
        ("photos' own files", "a photo's own file", seen.file, _FILE_REMEDY),
    ):
        if reply is not None and reply.status == HTTPStatus.BAD_REQUEST:
            findings.append(Finding(name, "wrong", f"a head refuses {one}: {reply.message}", remedy))
        elif reply is not None:
            findings.append(Finding(name, "ok", f"the edge reads {kind}"))
    return findings
