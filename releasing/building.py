"""The wheel and the source distribution of a checkout."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from releasing.release_error import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Distributions:
    """What a release consists of.

    Attributes:
        wheel: the file that pip installs.
        source: the archive of sources.
    """

    wheel: Path
    source: Path

    @property
    def described(self) -> metadata.Distribution:
        """The wheel's metadata, as installers read it."""
        inside = zipfile.Path(self.wheel, f"{self._stem}.dist-info/")
        return metadata.PathDistribution(inside)

    def in_wheel(self) -> set[str]:
        """Names of the wheel's files, those that describe it left out."""
        with zipfile.ZipFile(self.wheel) as wheel:
            return {name for name in wheel.namelist() if not name.startswith(f"{self._stem}.dist-info/")}

    def in_source(self) -> set[str]:
        """Names of the files of the source distribution, from its top folder on."""
        with tarfile.open(self.source) as archive:
            return {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Every file of both, by archive and name, with what is in it."""
        with zipfile.ZipFile(self.wheel) as wheel:
            for name in wheel.namelist():
                yield f"{self.wheel.name}: {name}", wheel.read(name)
        with tarfile.open(self.source) as archive:
            for member in archive.getmembers():
                content = archive.extractfile(member)
                if content is not None:
                    yield f"{self.source.name}: {member.name}", content.read()

    @property
    def _stem(self) -> str:
        return "-".join(self.wheel.name.split("-")[:2])


def build(checkout: Path, folder: Path) -> Distributions:
    """Build both with the build back end that is installed here, without a network.

    Args:
        checkout: the folder of pyproject.toml.
        folder: gets the files.

    Raises:
        ReleaseError: the build fails, or leaves more or fewer files than these two.
    """
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder.resolve())]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"hatchling builds nothing:\n{done.stdout}{done.stderr}")
    wheels, sources = sorted(folder.glob("*.whl")), sorted(folder.glob("*.tar.gz"))
    if (len(wheels), len(sources)) != (1, 1):
        raise ReleaseError(
            f"{folder} holds {len(wheels)} wheels and {len(sources)} source distributions where one of "
            "each is expected; empty it, or name another folder with --out"
        )
    return Distributions(wheels[0], sources[0])
