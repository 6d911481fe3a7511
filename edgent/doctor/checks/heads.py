"""Are the pipeline's heads there, of our model, of our wire version, and ready?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.core.wire import WIRE_VERSION, WIRE_VERSION_WITH_EXITS, WIRE_VERSION_WITH_TIMES, read_frame
from edgent.doctor.finding import Finding
from edgent.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.doctor.observations import Observations, Reply


def check_wire_version(seen: Observations) -> list[Finding]:
    """Neither a head nor the pipeline refuses our frames as being of another version."""
    name = "wire version"
    other = [served for served, reply in seen.replies.items() if _is_of_another_wire_version(reply)]
    if other:
        reason = seen.replies[other[0]].message
        return [
            Finding(name, "wrong", f"{_some(other)}: {reason}", f"same edgent on both sides: {seen.to_build}")
        ]
    if not _ready(seen) and not seen.pipeline_answers:
        return []
    also = (
        f"this side also speaks {WIRE_VERSION_WITH_EXITS}, in requests that have exits asked, and "
        f"{WIRE_VERSION_WITH_TIMES}, in those that say when they were sent"
    )
    return [Finding(name, "ok", f"version {WIRE_VERSION} on both sides; {also}")]


def check_digest(seen: Observations) -> list[Finding]:
    """Heads and pipeline were cut from the model that the spec names."""
    name = "model digest"
    other = [
        served
        for served, reply in seen.replies.items()
        if reply.status == 409 and "identity" in reply.message
    ]
    other += [head for head in _answering(seen) if head not in _ready(seen)]
    if other:
        return [Finding(name, "wrong", f"{_some(other)}: of another model than the spec's", seen.to_build)]
    if not _ready(seen) and not seen.pipeline_answers:
        return []
    return [Finding(name, "ok", "what is served is of the spec's model")]


def check_heads_known(seen: Observations) -> list[Finding]:
    """The heads that the manifest lists are registered; without one a head has to be, or the pipeline."""
    name = "heads known"
    if not seen.heads:
        return []
    if seen.nothing_served:
        none = f"none of the {len(seen.heads)} heads of {seen.pipeline_name} {seen.version} is served"
        there = f"restart TorchServe with {seen.store}, whose manifest lists {len(seen.built or ())} of them"
        is_built = seen.built and not seen.shared  # a shared server has a store of its own
        return [Finding(name, "wrong", none, there if is_built else seen.to_build)]
    unknown = [head for head, reply in seen.heads.items() if reply.status == 404]
    can_wait = (
        seen.shared and seen.pipeline_is_registered
    )  # heads that somebody registers when they are wanted
    missing = [head for head in unknown if head in ((seen.warm if can_wait else seen.built) or ())]
    if len(unknown) == len(seen.heads) and not seen.pipeline_is_registered:
        missing = unknown
    if missing:
        return [
            Finding(name, "wrong", f"{len(missing)} of {len(seen.heads)}: no {_some(missing)}", seen.to_build)
        ]
    if not unknown:
        return [Finding(name, "ok", f"all {len(seen.heads)} of the pipeline")]
    known = f"{len(seen.heads) - len(unknown)} of {len(seen.heads)}"
    why = "registered" if set(unknown) & (seen.built or frozenset()) else "built"
    stands = "answers" if seen.pipeline_answers or not seen.pipeline_is_registered else "is there"
    found = f"{known}; {seen.pipeline_name} {stands} for the others, which are not {why}"
    return [Finding(name, "ok", found)]


def check_heads_ready(seen: Observations) -> list[Finding]:
    """The heads that should be warm answer; others may have no worker yet."""
    name = "heads ready"
    if not seen.heads:
        return []
    failing = [head for head, reply in seen.heads.items() if reply.status in (0, 500, 507)]
    if failing:
        reason = seen.heads[failing[0]].message
        remedy = "look into TorchServe's log; scale the head to 0 workers and to 1 again"
        return [Finding(name, "wrong", f"{_some(failing)}: {reason}", remedy)]
    ready, cold = _ready(seen), [head for head, reply in seen.heads.items() if reply.status == 503]
    missing = [head for head in cold if head in (seen.warm or ())]
    known = sum(reply.status != 404 for reply in seen.heads.values())
    if not missing and len(cold) == known and not seen.pipeline_answers:
        missing = cold
    if missing:
        return [
            Finding(
                name,
                "wrong",
                f"no worker for {_some(missing)}",
                f"give it one on the edge: {seen.to_give_a_worker(missing[0])}",
            )
        ]
    if not ready and seen.pipeline_answers:
        return [Finding(name, "ok", f"none is needed: {seen.pipeline_name} answers")]
    if not ready:
        return []
    unlisted = "" if seen.warm is not None else "; no manifest here tells which should be"
    return [Finding(name, "ok", f"{_some(ready)} ({len(cold)} without a worker{unlisted})")]


def _ready(seen: Observations) -> list[str]:
    """Heads that answered with a frame of theirs."""
    return [head for head in _answering(seen) if _identity(seen.heads[head]) == seen.identities[head]]


def _answering(seen: Observations) -> list[str]:
    return [head for head, reply in seen.heads.items() if reply.status == 200]


def _identity(reply: Reply) -> bytes | None:
    try:
        return read_frame(reply.body).identity
    except FrameError:
        return None


def _is_of_another_wire_version(reply: Reply) -> bool:
    return reply.status == 409 and "wire version" in reply.message


def _some(heads: Sequence[str]) -> str:
    """At most three names."""
    return ", ".join(heads[:3]) + (f" and {len(heads) - 3} more" if len(heads) > 3 else "")
