"""The folder from which a device starts: a pipeline, cut already, and what to install on the device."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgent.bundle.checksums import read_checksums, replace_with, write_checksums
from edgent.bundle.device_pipeline import write_device_pipeline
from edgent.bundle.other_packages import other_packages
from edgent.bundle.plannable import why_not_plannable
from edgent.bundle.requirements import device_requirements
from edgent.bundle.scripts import scripts
from edgent.bundle.wheel import OWN_MODULES, write_wheel
from edgent.errors import ArchiveError
from edgent.graph.weights_file import LOCATION
from edgent.made_folder import make_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.bundle.other_packages import OtherPackage
    from edgent.network import Network

_NAMED, _OTHERS = "spec and what it names", "scripts and requirements"
_CODECS, _PACKAGES = "feature codecs", "other packages"
_EVERY_BUNDLE_HAS = "run.sh"


@dataclass(frozen=True)
class Part:
    """Some files of a bundle.

    Attributes:
        name: what they are.
        files: how many.
        size_bytes: of all together.
    """

    name: str
    files: int
    size_bytes: int


@dataclass(frozen=True)
class Bundle:
    """What was written.

    Attributes:
        parts: all files.
        packages: the packages beside edgent that the spec needs; those that are not carried, the device has
            to fetch.
        not_plannable: what has yet to be made before a device plans; None where nothing has.
    """

    parts: tuple[Part, ...]
    packages: tuple[OtherPackage, ...]
    not_plannable: str | None = None


def write_bundle(
    network: Network, folder: Path, samples: Path | None = None, extras: Sequence[str] = ()
) -> Bundle:
    """Write a bundle into a new folder, or into one of an earlier run, of which it replaces its own files.

    Args:
        network: the pipeline's.
        folder: gets it, whole or not at all; made where it is missing.
        samples: inputs for the device, see `write_device_pipeline`.
        extras: of edgent, whose packages the device installs, too.

    Returns:
        What is in it.

    Raises:
        ArchiveError: the folder holds something else, something is in the way, or cannot be written; or the
            spec names what no installed package declares.
        SpecError: a feature codec is missing or damaged.
        PlanError: a profile is not of all that the spec offers.
        StaleFileError: a generated file of the pipeline cannot be read, or was made for something else.
        ModelError: the network cannot be read or cut.
    """
    packages, not_plannable = other_packages(network.spec), why_not_plannable(network)
    folder = folder.resolve()
    make_folder(folder, "--out")
    try:
        _check_ours(folder)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as unfinished:
            made = Path(unfinished, "made")
            spec = write_device_pipeline(network, made / "pipeline", samples)
            carried = {package.name: package.modules for package in packages if package.is_carried}
            to_install = {"edgent": OWN_MODULES, **carried}
            wheels = [write_wheel(made / "wheels", *package).name for package in to_install.items()]
            lines = "".join(f"{line}\n" for line in device_requirements(packages, extras))
            texts = scripts(network.spec.name, spec.name, wheels, extras, has_samples=samples is not None)
            for name, text in {"requirements.txt": lines, **texts}.items():
                (made / name).write_text(text, encoding="utf-8")
            parts = _parts(made)
            write_checksums(made)
            replace_with(made, folder)
    except OSError as error:
        raise ArchiveError(f"cannot write {error.filename or folder}: {error.strerror}") from None
    return Bundle(parts, packages, not_plannable)


def _check_ours(folder: Path) -> None:
    """Refuse a folder that holds something and that no earlier run made.

    Raises:
        ArchiveError: it is one.
    """
    found = sorted(path.name for path in folder.iterdir())
    if found and _EVERY_BUNDLE_HAS not in read_checksums(folder):
        raise ArchiveError(
            f"{folder} holds {found[0]}, and was not written by edgent bundle: name a new folder with --out"
        )


def _parts(folder: Path) -> tuple[Part, ...]:
    """What is in a bundle, in the order in which it is told."""
    names = ("weights", "segments", _CODECS, "samples", _NAMED, "edgent", _PACKAGES, _OTHERS)
    sizes: dict[str, list[int]] = {name: [] for name in names}
    for file in folder.rglob("*"):
        if file.is_file():
            sizes[_part(file.relative_to(folder))].append(file.stat().st_size)
    return tuple(Part(name, len(of_part), sum(of_part)) for name, of_part in sizes.items() if of_part)


def _part(file: Path) -> str:
    if file.name == LOCATION:
        return "weights"
    if file.parts[0] == "pipeline":
        usual = _CODECS if file.suffix == ".onnx" else _NAMED
        return next((name for name in ("segments", "samples") if name in file.parts), usual)
    if file.parts[0] == "wheels":
        return "edgent" if file.name.startswith("edgent-") else _PACKAGES
    return _OTHERS
