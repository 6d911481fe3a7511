"""One version everywhere, and nothing left to be released."""

from __future__ import annotations

import pytest

from releasing.description import check_versions
from releasing.release_error import ReleaseError

CHANGELOG = "# Changelog\n\n## Unreleased\n\n## 1.2.0 - 2026-01-01\n\n- More.\n\n## 1.1.0 - 2025-01-01\n"
CITATION = "title: edgent\nversion: 1.2.0\n"


def test_what_agrees() -> None:
    """Nothing is said."""
    check_versions("1.2.0", CHANGELOG, CITATION)


@pytest.mark.parametrize(
    ("version", "changelog", "citation", "problem"),
    [
        ("1.3.0", CHANGELOG, CITATION, r"CHANGELOG.md has 1\.2\.0 first, pyproject.toml 1\.3\.0"),
        ("1.2.0", "# Changelog\n", CITATION, "CHANGELOG.md has no release first"),
        (
            "1.2.0",
            CHANGELOG.replace("Unreleased\n", "Unreleased\n\n### Fixed\n- Less.\n"),
            CITATION,
            "lines under Unreleased",
        ),
        ("1.2.0", CHANGELOG, "version: 1.1.0\n", r"CITATION.cff has version 1\.1\.0"),
        ("1.2.0", CHANGELOG, "title: edgent\n", "CITATION.cff has version None"),
    ],
)
def test_what_does_not_agree(version: str, changelog: str, citation: str, problem: str) -> None:
    """The file and both versions are named."""
    with pytest.raises(ReleaseError, match=problem):
        check_versions(version, changelog, citation)
