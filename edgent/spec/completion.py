"""Completion of pipeline specs in a shell."""

import glob
import re
from pathlib import Path

_LOOKED_AT_BYTES = 4096
_VERSION_KEY = re.compile(rb"^version:", re.MULTILINE)


def complete_spec(incomplete: str) -> list[str]:
    """The specs that the beginning of a path can mean, in its folder and in the folders right below that.

    Generated files, which are YAML as well, have no key ``version`` and are left out.
    """
    folder, slash, beginning = incomplete.rpartition("/")
    base = Path(folder + slash)
    pattern = f"{glob.escape(beginning)}*"
    files = [*base.glob(pattern), *base.glob(f"{pattern}/*")]
    specs = sorted(file for file in files if file.suffix in {".yaml", ".yml"} and _is_spec(file))
    return [f"{folder}{slash}{spec.relative_to(base).as_posix()}" for spec in specs]


def _is_spec(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _VERSION_KEY.search(file.read(_LOOKED_AT_BYTES)) is not None
    except OSError:
        return False
