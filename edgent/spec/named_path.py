"""Paths as a spec names them."""

import os
import re
from pathlib import Path

from edgent.errors import SpecError

_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")


def named_path(spec: Path, path: str) -> Path:
    """A path that a spec names, relative to the spec's folder, without a way down and up again.

    ``~`` is the user's home, and ``$NAME`` or ``${NAME}`` an environment variable.

    Args:
        spec: the spec's file.
        path: as it stands there.

    Raises:
        SpecError: it names the home of a user who has none here, or a variable that is not set.
    """
    known = os.path.expandvars(path)
    unset = _VARIABLE.search(known)
    if unset is not None:
        problem = f"the environment variable {unset[1]} is not set; set it, or write the path in full"
        raise SpecError(f"{spec}: {path}: {problem}")
    try:
        named = spec.parent / Path(known).expanduser()
    except RuntimeError:
        raise SpecError(f"{spec}: {path}: no such user's home; write the path in full") from None
    short = Path(os.path.normpath(named))
    return short if "\0" in known or short.resolve() == named.resolve() else named  # links lead elsewhere
