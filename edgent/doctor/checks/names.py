"""Are the names of our archives ours alone, on a server that others use, too?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from edgent.core.probe import PROBE
from edgent.core.served_version import is_served_version
from edgent.core.wire import read_frame
from edgent.doctor.finding import Finding
from edgent.edge.mar import OF_NO_MODEL
from edgent.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgent.doctor.observations import Observations, Reply

_NAME = "names"
_NOT_OUR_PROBE = f"register that model under another name: as {PROBE} devices ask for the link probe"


def check_names(seen: Observations) -> list[Finding]:
    """No model of somebody else's has the name of an archive of ours, nor answers in its place."""
    registered = seen.management.registered if seen.management else None
    findings = [*_answering(seen), *_registered(seen, registered or {})]
    if findings or registered is None:
        return findings
    return [Finding(_NAME, "ok", "no other model is registered under a name of our archives")]


def _answering(seen: Observations) -> list[Finding]:
    """Models that answer devices, and are none of ours."""
    findings = []
    others = [f"{served}/{seen.version}" for served, reply in seen.replies.items() if _is_no_frame(reply)]
    if others:
        found = f"{', '.join(others)} answers, and not as a worker of edgent's: it is another model"
        findings.append(Finding(_NAME, "wrong", found, _to_rename(seen)))
    probe = None if seen.proxys_answer or not seen.probes else seen.probes[0]
    if probe is not None and probe.status == HTTPStatus.OK and probe.body:  # it was asked for 0 bytes
        found = f"{PROBE} answers, and not as a worker of edgent's: it is another model"
        findings.append(Finding(_NAME, "wrong", found, _NOT_OUR_PROBE))
    return findings


def _registered(seen: Observations, registered: Mapping[str, tuple[str, ...]]) -> list[Finding]:
    """Models beside ours, in versions as edgent gives none: whoever asks for no version may mean them."""
    findings = []
    others = [
        f"{model}/{version}"
        for model, versions in registered.items()
        for version in versions
        if model != PROBE and not is_served_version(version)
    ]
    if others:
        found = f"{', '.join(others)} is registered, and of no version of edgent's: it is another model"
        until_then = (
            f"until then name the version in every DELETE, such as {seen.pipeline_name}/{seen.version}, "
            f"leave set-default out, and remove from the model store only files that lie in {seen.store}, too"
        )
        findings.append(Finding(_NAME, "warning", found, f"{_to_rename(seen)}; {until_then}"))
    if set(registered.get(PROBE, ())) - {OF_NO_MODEL}:
        versions = ", ".join(registered[PROBE])
        found = f"{PROBE} is registered in versions {versions}; the link probe's is {OF_NO_MODEL}"
        findings.append(Finding(_NAME, "warning", found, _NOT_OUR_PROBE))
    return findings


def _to_rename(seen: Observations) -> str:
    return f"give the pipeline a name of its own (name in {seen.spec_file}) and build its archives again"


def _is_no_frame(reply: Reply) -> bool:
    """Whether an answer is none of a head or a pipeline."""
    if reply.status != HTTPStatus.OK:
        return False
    try:
        read_frame(reply.body)
    except FrameError:
        return True
    return False
