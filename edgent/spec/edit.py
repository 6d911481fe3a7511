"""Writes measured values into a spec and leaves its comments, order and layout as they are."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from edgent.errors import SpecError
from edgent.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from edgent.spec.yaml_lines import Location

_TAGS = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null")


class _Written(str):
    """A boolean or null as it is written, which ruamel.yaml would write as true, false or nothing."""

    __slots__ = ("tag",)
    tag: str


class _Constructor(RoundTripConstructor):
    """Keeps numbers, as ruamel.yaml does, and booleans and nulls as they are written."""

    def construct_as_written(self, node: Any) -> _Written:
        """The scalar's own text, and what it stands for."""
        written = _Written(node.value)
        written.tag = node.tag if isinstance(node.tag, str) else str(node.tag)
        return written


class _Representer(RoundTripRepresenter):
    """Writes them again."""

    def represent_written(self, written: _Written) -> Any:
        """A plain scalar with the same text."""
        return self.represent_scalar(written.tag, str(written))


for _tag in _TAGS:
    _Constructor.add_constructor(_tag, _Constructor.construct_as_written)
_Representer.add_representer(_Written, _Representer.represent_written)


def write_values(path: Path, values: Mapping[Location, Any]) -> None:
    """Set values in a spec file; the file changes whole or not at all, and keeps its mode and links to it.

    Args:
        path: the spec.
        values: location, e.g. ("exits", 0, "accuracy"), to a number, text, list of these, or list of rows;
            None takes the key out. A section that is missing is added at the end.

    Raises:
        SpecError: the file cannot be written.
    """
    yaml = YAML()  # round trip: keeps comments and styles
    yaml.Constructor, yaml.Representer = _Constructor, _Representer
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # no line is broken that was not
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        document = yaml.load(path.read_text(encoding="utf-8"))
        for location, value in values.items():
            section = document
            for key in location[:-1]:
                section = section[key] if _has_section(section, key) else _added(section, key)
            if value is None:
                section.pop(location[-1], None)
            else:
                section[location[-1]] = _laid_out(value)
        text = io.StringIO()
        yaml.dump(document, text)
        file = path.resolve()  # a link to a spec stays one
        with whole_file(file) as unfinished:
            unfinished.write_text(text.getvalue(), encoding="utf-8")
            shutil.copymode(file, unfinished)
    except OSError as error:
        raise SpecError(f"{path}: cannot be written: {error.strerror}") from None


def _has_section(section: Any, key: str | int) -> bool:
    return isinstance(key, int) or isinstance(section.get(key), (dict, list))


def _laid_out(value: Any) -> Any:
    """A list of rows has each row on a line; any other list is on one line."""
    if not isinstance(value, (list, tuple)):
        return value
    rows = [CommentedMap(item) if isinstance(item, dict) else _as_text(item) for item in value]
    laid_out = CommentedSeq(rows)
    on_one_line: list[Any] = [row for row in rows if isinstance(row, CommentedMap)] or [laid_out]
    for item in on_one_line:
        item.fa.set_flow_style()
    return laid_out


def _as_text(item: Any) -> Any:
    """Text in quotes: what YAML 1.1 takes for a number or a boolean, as many programs do, stays text."""
    return DoubleQuotedScalarString(item) if isinstance(item, str) else item


def _added(section: Any, key: str | int) -> Any:
    section[key] = CommentedMap()
    section[key].fa.set_flow_style()  # on one line, as the shipped specs have their small sections
    return section[key]
