"""The packages that a device imports, in the versions that are installed here."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.bundle.other_packages import OtherPackage

_WITH_TOOLS = "onnxruntime"
"""What it requires serves its tools, but for NumPy, which edgent requires itself."""


def device_requirements(others: Sequence[OtherPackage] = (), extras: Sequence[str] = ()) -> list[str]:
    """A line for each package, with all that they require in turn, for an installer told to add nothing.

    What another Python or system alone requires, and is not installed here, is named as it is required.

    Args:
        others: packages beside edgent that the spec needs. Like edgent, those that are carried have no line.
        extras: of edgent, whose packages are wanted, too.
    """
    carried = {"edgent", *(canonicalize_name(other.name) for other in others if other.is_carried)}
    known: dict[str, Requirement] = {}
    pending = [Requirement(name) for name in ("edgent", *(other.name for other in others))]
    pending += [requirement for extra in extras for requirement in _of_extra(extra)]
    while pending:
        requirement = pending.pop(0)
        name = canonicalize_name(requirement.name)
        before = known.get(name)
        if before is not None and (before.marker is None or requirement.marker is not None):
            continue
        known[name] = requirement
        if name != _WITH_TOOLS:
            pending += _required(name)
    return sorted((_line(known[name]) for name in known if name not in carried), key=str.lower)


def _required(package: str) -> list[Requirement]:
    """What a package requires without extras; nothing where it is not installed."""
    try:
        lines = metadata.requires(package) or []
    except metadata.PackageNotFoundError:
        return []
    return [found for found in map(Requirement, lines) if "extra" not in str(found.marker)]


def _of_extra(extra: str) -> list[Requirement]:
    """What an extra of edgent requires."""
    found = [Requirement(line) for line in metadata.requires("edgent") or []]
    wanted = [one for one in found if str(one.marker) == f'extra == "{extra}"']
    for one in wanted:
        one.marker = None  # an installer that is given the line knows no extra
    return wanted


def _line(requirement: Requirement) -> str:
    try:
        pinned = f"{requirement.name}=={metadata.version(requirement.name)}"
    except metadata.PackageNotFoundError:
        return str(requirement)
    return pinned if requirement.marker is None else f"{pinned}; {requirement.marker}"
