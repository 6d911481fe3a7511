"""Are the spec's feature codecs whole here, and does the edge have the same ones?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from edgent.doctor.finding import Finding

if TYPE_CHECKING:
    from edgent.doctor.observations import Observations

_THERE = (HTTPStatus.OK, HTTPStatus.TOO_EARLY)


def check_features(seen: Observations) -> list[Finding]:
    """Their files, then windows that begin or end with their codes, as the pipeline's archive has them."""
    name = "feature codecs"
    if seen.feature_problem:
        remedy = "restore the files, run edgent compress again, or take the codec out of codecs.features"
        return [Finding(name, "wrong", seen.feature_problem, remedy)]
    if seen.connection.error is not None:
        return []
    if seen.features is None:
        return [Finding(name, "ok", "the spec names none")]
    if not seen.features or not seen.pipeline_answers:
        return []
    refused = {codec: reply for codec, reply in seen.features.items() if reply.status not in _THERE}
    if not refused:
        return [Finding(name, "ok", f"{', '.join(seen.features)}: of the same training on the edge")]
    reasons = "; ".join(f"{codec}: {reply.message}" for codec, reply in refused.items())
    return [Finding(name, "wrong", reasons, seen.to_build)]
