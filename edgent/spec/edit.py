"""Writes measured values into a spec and leaves its comments, order and layout as they are."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from edgent.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from edgent.spec.yaml_lines import Location


def write_values(path: Path, values: Mapping[Location, Any]) -> None:
    """Set values in a spec file; the file changes whole or not at all.

    Args:
        path: the spec.
        values: location, e.g. ("exits", 0, "accuracy"), to plain value; a section that is missing is added
            at the end.

    Raises:
        SpecError: the file cannot be written.
    """
    yaml = YAML()  # round trip: keeps comments and styles
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # no line is broken that was not
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(type(None), _null)
    try:
        document = yaml.load(path.read_text(encoding="utf-8"))
        for location, value in values.items():
            section = document
            for key in location[:-1]:
                section = section[key] if _has(section, key) else _added(section, key)
            section[location[-1]] = value
        text = io.StringIO()
        yaml.dump(document, text)
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(text.getvalue(), encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise SpecError(f"{path}: cannot be written: {error.strerror}") from None


def _has(section: Any, key: str | int) -> bool:
    return isinstance(key, int) or key in section


def _added(section: Any, key: str | int) -> Any:
    section[key] = CommentedMap()
    section[key].fa.set_flow_style()  # on one line, as the shipped specs have their small sections
    return section[key]


def _null(representer: Any, _value: None) -> Any:
    # ruamel would leave the place empty, which reads as a mistake.
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")
