"""The tag of an edge's image: the network's version, and a digest of all that goes into the image."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from edgent.deploy.images import EDGE_COPIES, EDGE_DOCKERFILE
from edgent.errors import ArchiveError
from edgent.file_digest import file_digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_DIGITS = 12


def image_tag(version: str, folder: Path, written: Mapping[str, str]) -> str:
    """The tag; it stays the same as long as nothing changes that edgent puts into the image.

    Args:
        version: under which the network is served.
        folder: the deployment's, with the archives and the wheel that are in it.
        written: texts that this run writes into the folder, by their paths there.

    Raises:
        ArchiveError: a file cannot be read.
    """
    there = [file for name in EDGE_COPIES for file in (folder / name).rglob("*") if file.is_file()]
    try:
        digests = {file.relative_to(folder).as_posix(): file_digest(file) for file in there}
    except OSError as error:
        raise ArchiveError(f"cannot read {error.filename} for the image: {error.strerror}") from None
    for name, text in written.items():
        if name == EDGE_DOCKERFILE or name.partition("/")[0] in EDGE_COPIES:
            digests[name] = hashlib.sha256(text.encode()).hexdigest()
    listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    return f"{version}-{hashlib.sha256(listed.encode()).hexdigest()[:_DIGITS]}"
