"""Virtual environments that hold some of the distributions that are installed here, and nothing else."""

from __future__ import annotations

import venv
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable


def closure(required: Iterable[str], extra: str = "") -> set[str]:
    """Names of the distributions that requirements bring, directly or not.

    Args:
        required: requirements as a distribution states them; what this Python does not need is left out.
        extra: of the distribution that states them, which its markers may name.

    Raises:
        PackageNotFoundError: one of them is not installed here.
    """
    names: set[str] = set()
    to_do = [(line, extra) for line in required]
    while to_do:
        line, wanted = to_do.pop()
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        if name in names or (requirement.marker and not requirement.marker.evaluate({"extra": wanted})):
            continue
        names.add(name)
        to_do += [(further, "") for further in metadata.requires(name) or []]
    return names


def linked_environment(folder: Path, distributions: Iterable[str]) -> tuple[Path, Path]:
    """Make an environment whose packages are links to those of this one.

    Args:
        folder: gets the environment.
        distributions: by name; what they require is not followed.

    Returns:
        Its interpreter, and its folder of packages.
    """
    venv.create(folder, symlinks=True, with_pip=False)
    site = next((folder / "lib").glob("python*/site-packages"))
    for distribution in distributions:
        _link(distribution, site)
    return folder / "bin" / "python", site


def _link(distribution: str, site: Path) -> None:
    """Make what a distribution installed importable in a folder of packages."""
    installed = metadata.distribution(distribution)
    for top in sorted({file.parts[0] for file in installed.files or ()} - {"..", "__pycache__"}):
        source = Path(str(installed.locate_file(top)))
        if source.is_dir() and not (source / "__init__.py").exists():  # namespaces are shared
            (site / top).mkdir(exist_ok=True)
            children = {file.parts[1] for file in installed.files or () if file.parts[0] == top}
            sources = [source / child for child in children - {"__pycache__"}]
        else:
            sources = [source]
        for file in sources:
            target = site / file.relative_to(source.parent)
            if not target.exists():
                target.symlink_to(file)
