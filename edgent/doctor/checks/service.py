"""What is running, and how long an exchange with it takes."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from edgent.core.probe import PROBE
from edgent.doctor.finding import Finding
from edgent.edge.mar import OF_NO_MODEL

if TYPE_CHECKING:
    from edgent.doctor.observations import Observations, Reply

_TRIED_VERSION = "0.12.0"


def check_version(seen: Observations) -> list[Finding]:
    """A TorchServe of the version that edgent is tried with."""
    name = "TorchServe"
    if seen.description is None or seen.description.status != 200:
        return []
    try:
        version = str(json.loads(seen.description.body)["info"]["version"])[:50]
    except (ValueError, KeyError, TypeError, RecursionError):
        return [Finding(name, "warning", "it does not describe itself", "see whether this is TorchServe")]
    if version != _TRIED_VERSION:
        remedy = f"edgent is tried with {_TRIED_VERSION}: pip install torchserve=={_TRIED_VERSION}"
        return [Finding(name, "warning", f"version {version}", remedy)]
    return [Finding(name, "ok", f"version {version}")]


def check_round_trip(seen: Observations) -> list[Finding]:
    """An exchange with the probe, timed on this machine's clock alone."""
    name = "round trip"
    if seen.wants_tokens is None or not seen.probes or seen.probes[0].refuses_the_token:
        return []
    first = seen.probes[0]
    if first.is_of_a_proxy:
        return []
    if first.status != HTTPStatus.OK:
        remedy = _to_have_it_answer(seen, first)
        return [Finding(name, "wrong", f"{PROBE}: {first.message}; devices cannot measure the link", remedy)]
    least_s = min(reply.elapsed_s for reply in seen.probes)
    return [Finding(name, "ok", f"{least_s * 1e3:.1f} ms, least of {len(seen.probes)} through {PROBE}")]


def _to_have_it_answer(seen: Observations, reply: Reply) -> str:
    """What to do about a probe that is there and does not answer, or is not there."""
    if reply.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return f"give it a worker on the edge: {seen.to_give_a_worker(PROBE, OF_NO_MODEL)}"
    if reply.status in (0, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.INSUFFICIENT_STORAGE):
        return f"look into TorchServe's log; scale {PROBE} to 0 workers and to 1 again"
    return f"{PROBE} is part of every store that edgent archive builds: {seen.to_build}"
