"""Which versions of the network are served, and is ours among them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.core.served_version import is_served_version
from edgent.doctor.finding import Finding

if TYPE_CHECKING:
    from edgent.doctor.observations import Observations, Reply

_OF_OUR_VERSION = (200, 409, 425, 503)
"""What an archive answers, or TorchServe for one that has no worker."""


def check_model_version(seen: Observations) -> list[Finding]:
    """Something of the spec's model is registered; other versions may stand beside it, for other devices."""
    name = "model version"
    registered = seen.management.registered if seen.management else None
    listed = (registered or {}).get(seen.pipeline_name, ())
    beside = [version for version in listed if version != seen.version]
    replies = seen.replies.values()
    if any(reply.status in _OF_OUR_VERSION for reply in replies):
        others = ", ".join(version for version in beside if is_served_version(version))
        also = f"; for other devices also {others}" if others else ""
        return [Finding(name, "ok", f"{seen.version} of {seen.pipeline_name}{also}")]
    if beside or any(_has_other_versions(reply) for reply in replies):
        there = f", only {', '.join(beside)}" if beside else ""
        return [
            Finding(
                name,
                "wrong",
                f"{seen.pipeline_name} is there, but not our {seen.version}{there}: it is not asked",
                f"{seen.to_build}, on the edge, which adds it beside the others; or give this device the "
                "edge's model",
            )
        ]
    return []


def _has_other_versions(reply: Reply) -> bool:
    return reply.status == 404 and b"ModelVersionNotFoundException" in reply.body
