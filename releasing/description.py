"""How a release describes itself: its metadata, its README, and one version everywhere."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from releasing.release_error import ReleaseError

if TYPE_CHECKING:
    from releasing.building import Distributions

_RELEASED = re.compile(r"^## (\d\S*)", re.MULTILINE)
_CITED = re.compile(r"^version: (\S+)$", re.MULTILINE)
_UNRELEASED = re.compile(r"^## Unreleased\n(?P<lines>.*?)(?=^## )", re.MULTILINE | re.DOTALL)


def check_metadata(distributions: Distributions) -> None:
    """Have twine check both files: the metadata is whole, and a package index can render the README.

    Raises:
        ReleaseError: it is not, or cannot.
    """
    files = str(distributions.wheel), str(distributions.source)
    command = [sys.executable, "-m", "twine", "check", "--strict", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"twine refuses the metadata:\n{done.stdout}{done.stderr}")


def check_versions(version: str, changelog: str, citation: str) -> None:
    """Hold the version against those that people read.

    Args:
        version: the wheel's.
        changelog: the text of CHANGELOG.md.
        citation: the text of CITATION.cff.

    Raises:
        ReleaseError: the newest release of the changelog is another one, lines are left under Unreleased,
            or the citation names another version.
    """
    released = _RELEASED.search(changelog)
    if released is None or released[1] != version:
        newest = "no release" if released is None else released[1]
        raise ReleaseError(f"CHANGELOG.md has {newest} first, pyproject.toml {version}; write its section")
    unreleased = _UNRELEASED.search(changelog)
    if unreleased is not None and unreleased["lines"].strip():
        raise ReleaseError(f"CHANGELOG.md has lines under Unreleased; move them into {version}")
    cited = _CITED.search(citation)
    if cited is None or cited[1] != version:
        raise ReleaseError(f"CITATION.cff has version {cited and cited[1]}, pyproject.toml {version}")
