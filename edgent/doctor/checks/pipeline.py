"""Is the archive of the whole pipeline there, of our model, and ready?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from edgent.doctor.finding import Finding, State

if TYPE_CHECKING:
    from edgent.doctor.observations import Observations


def check_pipeline(seen: Observations) -> list[Finding]:
    """The pipeline's archive answers; a window that is not loaded yet is as good as one that is."""
    name, reply = "pipeline", seen.pipeline
    if reply is None:
        return []
    if seen.pipeline_answers:
        state = "is loaded" if reply.status == HTTPStatus.OK else "was not loaded and is being loaded now"
        serves = f"any of {seen.windows} windows of {seen.pipeline_name}; the whole network {state}"
        return [Finding(name, "ok", serves)]
    answers = any(head.status == HTTPStatus.OK for head in seen.heads.values())
    left = "only heads are served" if answers else "devices answer alone"
    if reply.status == HTTPStatus.NOT_FOUND:
        missing = f"no {seen.pipeline_name} {seen.version}: {left}"
        return [Finding(name, "warning", missing, seen.to_build)]
    if reply.status == HTTPStatus.SERVICE_UNAVAILABLE:
        remedy = f"give it one on the edge: {seen.to_give_a_worker(seen.pipeline_name)}"
        how_bad: State = "warning" if answers else "wrong"
        return [Finding(name, how_bad, f"no worker for {seen.pipeline_name}: {left}", remedy)]
    if reply.status == HTTPStatus.CONFLICT:
        return [Finding(name, "wrong", f"{seen.pipeline_name}: {reply.message}", seen.to_build)]
    remedy = f"look into TorchServe's log; scale {seen.pipeline_name} to 0 workers and to 1 again"
    return [Finding(name, "wrong", f"{seen.pipeline_name}: {reply.message}", remedy)]
