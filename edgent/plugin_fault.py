"""Tells a mistake of a package that adds policies, codecs and the like from one of edgent's own."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edgent.core.registry import added_by, remember
from edgent.errors import EdgentError, PluginError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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


@contextmanager
def faults_told(added: Mapping[str, Mapping[str, str]]) -> Iterator[None]:
    """Tell of another package's exception here what does not cross to the process that asked: its place.

    Args:
        added: the `added_items` of that process.

    Raises:
        PluginError: an exception went through another package's code; the exception is its cause.
    """
    remember(added)
    try:
        yield
    except EdgentError:
        raise
    except Exception as error:
        fault = fault_of_another_package(error)
        if fault is None:
            raise
        raise fault from error
