"""What a wheel and a source distribution have to hold, and nothing else."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from releasing.release_error import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from releasing.building import Distributions

_PACKAGES = ("edgent/", "device_runtime/")
_SHIPPED = ("handlers/", "pipelines/")
_INSIDE = "edgent/_shipped/"
_NOT_IN_SOURCE = (".ci/",)
_ADDED_TO_SOURCE = {"PKG-INFO"}
_SHOWN = 10


def tracked_files(checkout: Path) -> set[str]:
    """The files that git tracks, by their paths from the checkout's top.

    Raises:
        ReleaseError: it is no checkout.
    """
    command = ["git", "ls-files", "-z"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"{checkout} is no checkout of git, which a release needs: {done.stderr.strip()}")
    return {name for name in done.stdout.split("\0") if name}


def check_contents(distributions: Distributions, tracked: AbstractSet[str]) -> None:
    """Hold both distributions against what git tracks.

    The wheel has both packages, and the handlers and pipelines inside one of them: no tests, no benchmarks,
    no data. The source distribution has everything but what the project's own machines run.

    Args:
        distributions: what was built.
        tracked: names of files, as `tracked_files` gives them.

    Raises:
        ReleaseError: a file is missing, or one is there that should not be.
    """
    _compare(distributions.wheel.name, distributions.in_wheel(), expected_in_wheel(tracked))
    in_source = {name for name in tracked if not name.startswith(_NOT_IN_SOURCE)}
    _compare(distributions.source.name, distributions.in_source(), in_source | _ADDED_TO_SOURCE)


def expected_in_wheel(tracked: AbstractSet[str]) -> set[str]:
    """Names of a wheel's files, those that describe it left out.

    >>> sorted(expected_in_wheel({"edgent/cli.py", "handlers/head.py", "tests/test_cli.py", "README.md"}))
    ['edgent/_shipped/handlers/head.py', 'edgent/cli.py']
    """
    modules = {name for name in tracked if name.startswith(_PACKAGES)}
    return modules | {_INSIDE + name for name in tracked if name.startswith(_SHIPPED)}


def _compare(archive: str, held: AbstractSet[str], expected: AbstractSet[str]) -> None:
    problems = []
    if expected - held:
        problems.append(f"lacks {_named(expected - held)}")
    if held - expected:
        problems.append(f"holds {_named(held - expected)}, which git does not track or no release takes")
    if problems:
        raise ReleaseError(f"{archive} {'; it '.join(problems)}; see tool.hatch in pyproject.toml")


def _named(files: AbstractSet[str]) -> str:
    shown = sorted(files)[:_SHOWN]
    more = f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
    return f"{', '.join(shown)}{more}"
