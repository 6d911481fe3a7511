"""A wheel in an environment of its own: it is installed there, and does what a new user does first."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from releasing.linked_environment import closure, linked_environment
from releasing.release_error import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from releasing.building import Distributions

EXTRA = "cut"
"""What a device needs that is given a plain pipeline."""
NOWHERE = "http://127.0.0.1:9"
FIRST_STEPS = (
    ("edgent", "--version"),
    ("edgent", "--help"),
    ("edgent-device", "--help"),
    ("edgent", "new", "--example", "lenet"),
    ("edgent", "plan", "pipelines/lenet.yaml", "--bandwidth-kbps", "500", "--explain"),
    ("edgent-device", "--pipeline", "pipelines/lenet.yaml", "--url", NOWHERE),
)
"""Commands in the order in which they are run, the last one without an edge."""


def install(distributions: Distributions, folder: Path) -> Path:
    """Install a wheel into a new environment, without a network.

    What it requires comes from the environment that runs this, by links; pip then checks that nothing is
    missing. So it shows that the requirements are complete, not that a package index has them.

    Args:
        distributions: the wheel is the one to install.
        folder: gets the environment.

    Returns:
        The folder of its commands.

    Raises:
        ReleaseError: pip does not take the wheel, or a requirement is missing.
    """
    required = distributions.described.requires or []
    python, _ = linked_environment(folder, closure(required, EXTRA))
    pip = (sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check")
    _run([*pip, "install", "--quiet", "--no-index", "--no-deps", str(distributions.wheel)], folder)
    _run([*pip, "check"], folder)
    return python.parent


def take_first_steps(commands: Path, folder: Path) -> None:
    """Run the first commands of a new user, with nothing of this machine around.

    Args:
        commands: folder of the installed commands.
        folder: where they are run; empty.

    Raises:
        ReleaseError: one of them fails, or says nothing.
    """
    for name, *arguments in FIRST_STEPS:
        if not _run([str(commands / name), *arguments], folder).strip():
            raise ReleaseError(f"{name} {' '.join(arguments)} prints nothing")


def _run(command: Sequence[str], folder: Path) -> str:
    """What a command prints.

    Raises:
        ReleaseError: it fails.
    """
    proxy = "http://127.0.0.1:1"  # whatever asks a network gets no answer
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "https_proxy": proxy,
        "http_proxy": proxy,
        "no_proxy": "127.0.0.1",
        "COLUMNS": "100",
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"{' '.join(command)} ends with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout
