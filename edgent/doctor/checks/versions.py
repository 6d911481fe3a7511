"""Which versions of the network are served, and is ours among them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.doctor.finding import Finding

if TYPE_CHECKING:
    from edgent.doctor.observations import Observations, Reply

_OF_OUR_VERSION = (200, 409, 425, 503)
"""What an archive answers, or TorchServe for one that has no worker."""


def check_model_version(seen: Observations) -> list[Finding]:
    """Something of the spec's model is registered; other versions may stand beside it, for other devices."""
    name = "model version"
    listed = seen.management.versions if seen.management else None
    beside = [version for version in listed or () if version != seen.version]
    replies = seen.replies.values()
    if any(reply.status in _OF_OUR_VERSION for reply in replies):
        also = f"; for other devices also {', '.join(beside)}" if beside else ""
        return [Finding(name, "ok", f"{seen.version} of {seen.pipeline_name}{also}")]
    if beside or any(_has_other_versions(reply) for reply in replies):
        there = f", only {', '.join(beside)}" if beside else ""
        return [
            Finding(
                name,
                "wrong",
                f"{seen.pipeline_name} is there, but not our {seen.version}{there}: it is not asked",
                "edgent archive with this spec on the edge adds it beside the others; restart TorchServe, "
                "or give this device the edge's model",
            )
        ]
    return []


def _has_other_versions(reply: Reply) -> bool:
    return reply.status == 404 and b"ModelVersionNotFoundException" in reply.body
