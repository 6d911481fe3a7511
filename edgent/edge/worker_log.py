"""What TorchServe's log says of workers that died: TorchServe itself starts them again, without an end."""

from __future__ import annotations

import re

_LINE = re.compile(r"^\S+ \[\w+ *\] W-\d+-(?P<model>.+)_(?P<version>[^_]+)-stdout MODEL_LOG - (?P<said>.*)$")
_DIED = "Backend worker process died."
_TRACEBACK = "Traceback (most recent call last):"


def why_a_worker_died(log: str) -> str | None:
    """Which worker died first, and of which exceptions, the cause before what it led to.

    Args:
        log: lines as our log4j2.xml has them written; the last one may be unfinished.

    Returns:
        None while no worker died, or its traceback is not written to its end yet.
    """
    by_endpoint: dict[str, list[str]] = {}
    for line in log.splitlines():
        found = _LINE.match(line)
        if found is not None:
            by_endpoint.setdefault(f"{found['model']}/{found['version']}", []).append(found["said"])
    for endpoint, said in by_endpoint.items():
        raised = _raised(said)
        if _DIED in said and raised:
            return "\n  ".join((f"the worker of {endpoint} died while it started:", *raised))
    return None


def _raised(said: list[str]) -> list[str]:
    """The line of each traceback that says what was raised, each once."""
    raised, in_traceback = [], False
    for line in said:
        if line == _TRACEBACK:
            in_traceback = True
        elif in_traceback and not line.startswith(" "):
            raised.append(line)
            in_traceback = False
    return list(dict.fromkeys(raised))
