"""YAML with line numbers: plain data, and the line on which each value stands."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from edgent.errors import SpecError

_LARGEST_BYTES = 1 << 20
Location = tuple[str | int, ...]


@dataclass(frozen=True)
class YamlDocument:
    """Plain data and where it came from.

    Attributes:
        lines: location, e.g. ("exits", 0, "name"), to line number from 1.
        problems: (line, message) of what YAML lets pass but a spec does not, such as a key given twice.
    """

    data: Any
    lines: dict[Location, int] = field(default_factory=dict)
    problems: tuple[tuple[int, str], ...] = ()


def read_yaml(path: Path) -> YamlDocument:
    """Parse a YAML file with the safe loader.

    Raises:
        SpecError: no such file, not text, too large, or no YAML; the message says where.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise SpecError(f"{path}: {path.stat().st_size} bytes; a spec has at most {_LARGEST_BYTES}")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SpecError(
            f"{path}: cannot be read: {error.strerror}; name a pipeline such as pipelines/lenet.yaml"
        ) from None
    except UnicodeDecodeError:
        raise SpecError(f"{path}: not a text file in UTF-8") from None
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or error
        raise SpecError(f"{path}{line}: not valid YAML: {problem}") from None
    lines: dict[Location, int] = {}
    problems: list[tuple[int, str]] = []
    if root is not None:
        try:
            _walk(root, (), lines, problems)
        except RecursionError:
            raise SpecError(f"{path}: nested too deep for a spec") from None
    return YamlDocument(data, lines, tuple(problems))


def _walk(
    node: yaml.Node, location: Location, lines: dict[Location, int], problems: list[tuple[int, str]]
) -> None:
    lines[location] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                where = ".".join(map(str, (*location, name)))
                problems.append((key.start_mark.line + 1, f"{where}: given twice"))
            seen.add(name)
            inner: Location = (*location, name)
            _walk(value, inner, lines, problems)
            lines[inner] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*location, index), lines, problems)
