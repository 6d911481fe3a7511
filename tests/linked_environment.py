"""Virtual environments that hold some of the distributions that are installed here, and nothing else."""

from __future__ import annotations

import venv
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


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
