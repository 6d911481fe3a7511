"""Files that ship with edgent and are no Python packages: handlers and pipelines."""

import shutil
from pathlib import Path

from edgent.core.nearest_name import nearest_name
from edgent.errors import SpecError, UnknownNameError

_PACKAGE = Path(__file__).parent


def shipped_folder(name: str) -> Path:
    """The folder ``handlers`` or ``pipelines``: inside an installed wheel, or at the top of a checkout."""
    inside = _PACKAGE / "_shipped" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def shipped_pipelines() -> dict[str, Path]:
    """The specs that ship, by the names of their pipelines."""
    return {spec.stem: spec for spec in sorted(shipped_folder("pipelines").glob("*.yaml"))}


def spec_path(path: Path) -> Path:
    """The spec that a user means: a file, or where there is none of this name a shipped pipeline."""
    return path if path.is_file() else shipped_pipelines().get(str(path), path)


def own_spec_path(path: Path) -> Path:
    """The spec of a command that writes beside it, which a shipped pipeline is not to be.

    Raises:
        SpecError: there is no such file, but a shipped pipeline is called so.
    """
    if not path.is_file() and str(path) in shipped_pipelines():
        copy = Path("pipelines") / f"{path}.yaml"
        first = "" if copy.is_file() else f"copy it with `edgent new --example {path}` and "
        raise SpecError(
            f"{path} is a pipeline that ships with edgent, and this command writes beside its spec: "
            f"{first}name the copy, {copy}"
        )
    return path


def spec_word(spec: Path) -> str:
    """A spec as a command takes it: a shipped pipeline by its name, any other by its path."""
    return spec.stem if spec in shipped_pipelines().values() else str(spec)


def copy_pipeline(name: str, folder: Path) -> Path:
    """Copy a shipped pipeline, which is then the user's own to change.

    Args:
        name: of the pipeline.
        folder: gets the spec and the folder with its files; made where it is missing.

    Returns:
        The new spec.

    Raises:
        UnknownNameError: no such pipeline ships.
        SpecError: one of the files is there already, or cannot be written.
    """
    shipped = shipped_pipelines()
    if name not in shipped:
        raise UnknownNameError(f"no pipeline {name!r} ships with edgent; {nearest_name(name, shipped)}")
    spec, files = folder / f"{name}.yaml", folder / name
    for path in (spec, files):
        if path.exists():
            raise SpecError(f"{path} exists and is not overwritten: remove it first, or name another --out")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(shipped[name].with_suffix(""), files)
        shutil.copyfile(shipped[name], spec)
    except OSError as error:
        raise SpecError(f"cannot write {error.filename or folder}: {error.strerror or error}") from None
    return spec
