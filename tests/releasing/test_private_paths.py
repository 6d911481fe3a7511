"""A release that names folders of the machine that built it is refused, and each such file is named."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from releasing.building import Distributions
from releasing.private_paths import check_private_paths
from releasing.release_error import ReleaseError

CHECKOUT, HOME = Path("/made-up/checkout"), Path("/made-up/home")


def _distributions(folder: Path, in_wheel: bytes, in_source: bytes) -> Distributions:
    """A wheel and a source distribution with a file each."""
    made = Distributions(folder / "edgent-1.0-py3-none-any.whl", folder / "edgent-1.0.tar.gz")
    with zipfile.ZipFile(made.wheel, "w") as archive:
        archive.writestr("edgent/record.yaml", in_wheel)
    with tarfile.open(made.source, "w:gz") as archive_of_sources:
        member = tarfile.TarInfo("edgent-1.0/docs/page.md")
        member.size = len(in_source)
        archive_of_sources.addfile(member, io.BytesIO(in_source))
    return made


@pytest.mark.parametrize(
    ("in_wheel", "in_source", "problem"),
    [
        (b"model: /made-up/checkout/x", b"", r"^edgent-1.0-py3-none-any.whl: edgent/record.yaml: names"),
        (b"", b"(/made-up/home/photos)", r"^edgent-1.0.tar.gz: edgent-1.0/docs/page.md: names a path in"),
        (b'"/made-up/home/x"', b"/made-up/checkout/", r"record.yaml, edgent-1.0.tar.gz: edgent-1.0/docs"),
    ],
)
def test_private_paths_are_found(tmp_path: Path, in_wheel: bytes, in_source: bytes, problem: str) -> None:
    """In either of the two, with the folders that are meant."""
    made = _distributions(tmp_path, in_wheel, in_source)
    with pytest.raises(ReleaseError, match=problem):
        check_private_paths(made, (CHECKOUT, HOME))


def test_other_paths_may_stand(tmp_path: Path) -> None:
    """Those of another machine that a page speaks of, longer names, and whatever begins at the root."""
    made = _distributions(tmp_path, b"/srv/made-up/checkout/ /made-up/checkout2/", b"/made-up/home-2/ /etc/x")
    check_private_paths(made, (CHECKOUT, HOME, Path("/")))
    check_private_paths(made, (Path("/"),))
