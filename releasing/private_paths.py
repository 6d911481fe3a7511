"""Folders of the machine that builds a release, which nothing in it may name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from releasing.release_error import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from releasing.building import Distributions


def check_private_paths(distributions: Distributions, folders: Iterable[Path]) -> None:
    """Look into every file of both distributions for the names of folders.

    Args:
        distributions: what was built.
        folders: in full, such as the checkout and the user's home; ``/`` itself is nobody's.

    Raises:
        ReleaseError: a file names one of them, or something inside it.
    """
    private = [str(folder).encode() for folder in folders if folder != folder.parent]
    named = re.compile(rb"(?<![\w./-])(?:%s)/" % b"|".join(map(re.escape, private)))
    found = [name for name, content in distributions.files() if private and named.search(content)]
    if found:
        where = " or ".join(path.decode() for path in private)
        raise ReleaseError(f"{', '.join(found)}: names a path in {where}; write it relative to the file")
