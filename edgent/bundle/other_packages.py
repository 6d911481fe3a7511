"""The packages beside edgent that a spec needs on a device, as they declare what it names."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

from edgent.bandwidth.forecasts import FORECASTS
from edgent.core.codecs import CODECS
from edgent.core.exit_rules.registry import CONFIDENCES
from edgent.errors import ArchiveError
from edgent.installed_modules import compiled_module, module_files, top_level_modules
from edgent.planning.policies.registry import POLICIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.core.registry import Registry
    from edgent.spec import Pipeline


@dataclass(frozen=True)
class OtherPackage:
    """A package that is installed here.

    Attributes:
        name: of its distribution.
        version: of the one here.
        declares: what the spec uses of it, such as ``codec 'half'``.
        modules: its top-level modules, those first that hold what it declares for edgent.
        is_carried: whether a bundle holds it; compiled modules run on one kind of machine only.
    """

    name: str
    version: str
    declares: tuple[str, ...]
    modules: tuple[str, ...]
    is_carried: bool


def other_packages(spec: Pipeline) -> tuple[OtherPackage, ...]:
    """Those that declare the spec's codecs, exit rule, policy and forecast, where these are not edgent's own.

    Raises:
        ArchiveError: no installed package declares one of them.
    """
    found: dict[str, tuple[metadata.Distribution, list[str]]] = {}
    for registry, name in _used(spec):
        if not registry.is_own(name):
            distribution = _declaring(registry, name)
            _, declares = found.setdefault(distribution.metadata["Name"], (distribution, []))
            declares.append(f"{registry.kind} {name!r}")
    return tuple(_package(name, *found[name]) for name in sorted(found))


def _used(spec: Pipeline) -> Iterator[tuple[Registry[Any], str]]:
    """What a spec names that packages can add, and where it is looked up."""
    codecs, bandwidth = spec.codecs, spec.bandwidth
    yield from ((CODECS, name) for name in (*codecs.input, *codecs.activation))
    if spec.exit_rule is not None:
        yield CONFIDENCES, spec.exit_rule.measure
    yield FORECASTS, bandwidth.forecast
    if bandwidth.policy is not None:
        yield POLICIES, bandwidth.policy
        needed = POLICIES[bandwidth.policy].forecast
        if needed is not None:
            yield FORECASTS, needed


def _declaring(registry: Registry[Any], name: str) -> metadata.Distribution:
    """The package that declares an item."""
    for entry in metadata.entry_points(group=registry.group, name=name):
        if entry.dist is not None:
            return entry.dist
    raise ArchiveError(
        f"{registry.kind} {name!r} is declared by no installed package, so a device would not have it: "
        f"declare it as an entry point of {registry.group}"
    )


def _package(name: str, distribution: metadata.Distribution, declares: list[str]) -> OtherPackage:
    entries = (entry for entry in distribution.entry_points if entry.group.startswith("edgent."))
    modules = top_level_modules(distribution, (entry.module.partition(".")[0] for entry in entries))
    is_carried = compiled_module(module_files(modules).values()) is None
    declared = tuple(dict.fromkeys(declares))
    return OtherPackage(name, distribution.version, declared, modules, is_carried)
