"""Tells a mistake of a package that adds policies, codecs and the like from one of edgent's own."""

from __future__ import annotations

import traceback

from edgent.core.registry import added_by
from edgent.errors import PluginError


def fault_of_another_package(error: Exception) -> PluginError | None:
    """What to say of an exception that went through another package's code; None where it did not.

    The last place there is named: what it called with wrong values may be edgent's own, or a library's.

    Args:
        error: with its traceback.
    """
    said = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        package = added_by(frame.f_globals.get("__name__", ""))
        if package is not None:
            code = frame.f_code
            said = (
                f"{package} failed at {code.co_filename}:{line}, in {code.co_name}: {type(error).__name__}: "
                f"{error}; mend or remove it; -vv shows the whole traceback"
            )
    return None if said is None else PluginError(said)
