"""``python -m releasing``: build what a release consists of, and check it; nothing is uploaded."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from releasing.building import build
from releasing.contents import check_contents, tracked_files
from releasing.description import check_metadata, check_versions
from releasing.private_paths import check_private_paths
from releasing.release_error import ReleaseError
from releasing.trial import install, take_first_steps

CHECKOUT = Path(__file__).parents[1]


def main() -> int:
    """Run all checks; the exit code is 1 where one fails."""
    parser = argparse.ArgumentParser(prog="python -m releasing", description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=CHECKOUT / "dist", metavar="FOLDER", help="gets the two files"
    )
    try:
        check_release(parser.parse_args().out)
    except ReleaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def check_release(out: Path) -> None:
    """Build both distributions and check them, from their contents to the first answer of a device.

    Versions are compared last: between two releases the changelog has lines under Unreleased, and all else
    is checked by then.

    Raises:
        ReleaseError: a check fails.
    """
    distributions = build(CHECKOUT, out)
    print(f"built: {distributions.wheel.name}, {distributions.source.name}")
    check_contents(distributions, tracked_files(CHECKOUT))
    print("contents: what git tracks, and nothing else")
    check_private_paths(distributions, (CHECKOUT, Path.home()))
    print("paths: no file names a folder of this machine")
    check_metadata(distributions)
    print("metadata: complete, and the README can be rendered")
    with tempfile.TemporaryDirectory() as folder:
        commands = install(distributions, Path(folder) / "environment")
        print("install: into an environment of its own, without a network; all requirements are there")
        (Path(folder) / "user").mkdir()
        take_first_steps(commands, Path(folder) / "user")
    print("first steps: --help, edgent new, edgent plan, and a device that answers without its edge")
    changelog, citation = (
        (CHECKOUT / name).read_text(encoding="utf-8") for name in ("CHANGELOG.md", "CITATION.cff")
    )
    check_versions(distributions.described.version, changelog, citation)
    print("versions: pyproject.toml, CHANGELOG.md and CITATION.cff agree")
    print(f"ready in {out}; upload is a separate step")


if __name__ == "__main__":
    sys.exit(main())
