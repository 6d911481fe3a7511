"""Can the edge read the pictures that devices send? Pillow may lack AVIF, an archive may be an older one."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from edgent.doctor.finding import Finding

if TYPE_CHECKING:
    from edgent.doctor.observations import Observations, Reply

_AVIF_REMEDY = (
    "pip install 'pillow>=11.3' in TorchServe's environment and restart it, or take the avif codecs out of "
    "codecs.input"
)
_FILE_REMEDY = (
    "build the archives again with `edgent archive SPEC` and restart TorchServe, or take file out of "
    "codecs.input"
)


def check_avif(seen: Observations) -> list[Finding]:
    """A head reads AVIF where the spec offers it; all read jpeg and webp."""
    if not seen.offers_avif:
        return _not_offered("avif pictures", seen, "no avif, and every Pillow reads the others")
    return _answered("avif pictures", "avif pictures", seen.avif, _AVIF_REMEDY)


def check_photo_files(seen: Observations) -> list[Finding]:
    """A head reads photos' own files where the spec offers them."""
    if not seen.offers_file:
        return _not_offered("photos' files", seen, "no photos' own files")
    return _answered("photos' files", "photos' own files", seen.file, _FILE_REMEDY)


def _not_offered(name: str, seen: Observations, what: str) -> list[Finding]:
    return [Finding(name, "ok", f"the spec offers {what}")] if seen.probes else []


def _answered(name: str, what: str, reply: Reply | None, remedy: str) -> list[Finding]:
    """What a head said to one of them; nothing where none was asked."""
    if reply is None:
        return []
    if reply.status == HTTPStatus.BAD_REQUEST:
        return [Finding(name, "wrong", f"a head refuses {what}: {reply.message}", remedy)]
    return [Finding(name, "ok", f"the edge reads {what}")]
