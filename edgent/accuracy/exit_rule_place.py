"""Where the exit rule of a spec is kept: a file of its own, never another spec's nor something else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.accuracy.exit_rule_file import COMMAND
from edgent.errors import SpecError, StaleFileError
from edgent.generated_file import load_mapping

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.spec import Pipeline

_BEGINS = f"# Written by `{COMMAND}`".encode()
_MOST_BLANKS = 4096  # a longer file of blanks may be somebody's
_OTHER_FILE = "name another file in exit_rule.file"


@dataclass(frozen=True)
class RulePlace:
    """Where a rule is written.

    Attributes:
        relative: the file, as the spec names it.
        left_alone: what is said of a file that another spec's rule is in; empty where there is none.
    """

    relative: str
    left_alone: str = ""


def rule_place(pipeline: Pipeline, named: str | None) -> RulePlace:
    """The file that a spec names, or the usual one; where it is another spec's, one of this spec's own.

    Args:
        pipeline: the spec.
        named: the file that it names; None: it names none.

    Raises:
        SpecError: what is in that file is no exit rule, or all are other specs'.
    """
    usual, own = f"{pipeline.name}/exit_rule.yaml", f"{pipeline.name}/exit_rule-{pipeline.file.stem}.yaml"
    others: list[str] = []
    for relative in dict.fromkeys((named or usual, own)):
        file = pipeline.resolve(relative)
        owner = _owner(file)
        if owner in (None, pipeline.file.resolve()):
            return RulePlace(relative, "; ".join(others))
        others.append(f"{file} is the rule of {owner} and stays as it is")
    raise SpecError(f"{pipeline.file}: {'; '.join(others)}: {_OTHER_FILE}")


def named_from(file: Path, spec: Path) -> str:
    """How a rule's file names the spec that it belongs to."""
    return os.path.relpath(spec.resolve(), file.resolve().parent)


def _owner(file: Path) -> Path | None:
    """The spec that the rule in a file belongs to; None where it is free to be written.

    Free is what is empty, a rule that is broken, and one that does not say whose it is, as before format 4.

    Raises:
        SpecError: it holds something else.
    """
    try:
        with file.open("rb") as stream:
            begins = stream.read(len(_BEGINS))
            is_short = file.stat().st_size <= _MOST_BLANKS
            is_empty = is_short and not begins.strip() and not stream.read().strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SpecError(f"{file} cannot be read: {error.strerror}; {_OTHER_FILE}") from None
    if is_empty:
        return None
    if begins != _BEGINS:
        raise SpecError(f"{file} holds no exit rule and is not written over: {_OTHER_FILE}")
    try:
        content = load_mapping(file, again=COMMAND)
    except StaleFileError:
        return None
    spec = content.get("spec")
    return (file.resolve().parent / spec).resolve() if isinstance(spec, str) and spec else None
