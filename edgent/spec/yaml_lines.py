"""YAML with line numbers: plain data, and the line on which each value stands."""

import difflib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from edgent.errors import SpecError
from edgent.shipped import shipped_pipelines
from edgent.spec.yaml_loader import CoreLoader

_LARGEST_BYTES = 1 << 20
_LARGEST_WRITTEN_OUT = 2 * _LARGEST_BYTES
"""A file of that size without aliases has fewer values and characters."""
_TEXT = "tag:yaml.org,2002:str"
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


def read_yaml(path: Path, lists_of_text: Collection[Location] = ()) -> YamlDocument:
    """Parse a YAML file with a safe loader, by the rules of YAML 1.2.

    Args:
        path: the file.
        lists_of_text: locations of lists whose items are text as it is written, such as 007 or yes.

    Raises:
        SpecError: no such file, a network, not text, too large with what its aliases stand for, or no YAML;
            the message says where.
    """
    if path.suffix == ".onnx":
        raise SpecError(
            f"{path} is called as a network is: name its spec, a YAML file "
            f"(`edgent new NAME --model {path} --photos FOLDER` makes one)"
        )
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise SpecError(f"{path}: {path.stat().st_size} bytes; a spec has at most {_LARGEST_BYTES}")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror}{_meant(path)}") from None
    except UnicodeDecodeError:
        raise SpecError(f"{path}: not a text file in UTF-8") from None
    lines: dict[Location, int] = {}
    problems: list[tuple[int, str]] = []
    try:
        loader = CoreLoader(text)
        root = loader.get_single_node()
        if root is None:
            return YamlDocument(None)
        if _written_out(root, {}) > _LARGEST_WRITTEN_OUT:
            raise SpecError(
                f"{path}: its aliases stand for more than {_LARGEST_WRITTEN_OUT} characters; write out what "
                "is needed of them"
            )
        _walk(root, (), lines, problems, lists_of_text)
        return YamlDocument(loader.construct_document(root), lines, tuple(problems))
    except RecursionError:
        raise SpecError(f"{path}: nested too deep for a spec") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or error
        raise SpecError(f"{path}{line}: not valid YAML: {problem}") from None


def _meant(path: Path) -> str:
    """What to say where there is no such spec: a file or a shipped pipeline of a similar name."""
    own = Path("pipelines") / f"{path}.yaml"
    known = [*map(str, path.parent.glob("*.yaml")), *shipped_pipelines()]
    nearest = [str(own)] if own.is_file() else difflib.get_close_matches(str(path), known, n=1, cutoff=0.8)
    if nearest:
        return f"; did you mean {nearest[0]}?"
    return "; name a pipeline such as pipelines/lenet.yaml (`edgent new --example lenet` copies it)"


def _written_out(node: yaml.Node, known: dict[int, int]) -> int:
    """Values and their characters in a node, with what each alias in it stands for.

    Args:
        node: of a document.
        known: the same of nodes that were counted before, by their ids: aliases multiply, and are
            not followed again and again.
    """
    if id(node) not in known:
        if isinstance(node, yaml.ScalarNode):
            inside = len(node.value)
        elif isinstance(node, yaml.MappingNode):
            inside = sum(_written_out(each, known) for pair in node.value for each in pair)
        else:
            inside = sum(_written_out(each, known) for each in node.value)
        known[id(node)] = 1 + inside
    return known[id(node)]


def _walk(
    node: yaml.Node,
    location: Location,
    lines: dict[Location, int],
    problems: list[tuple[int, str]],
    lists_of_text: Collection[Location],
) -> None:
    """Note the lines and problems of a node and of all that it holds, and which of its items are text."""
    lines[location] = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode) and "\0" in node.value:
        where = ".".join(map(str, location))
        problems.append((node.start_mark.line + 1, f"{where}: a NUL is no character of a name or a text"))
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                where = ".".join(map(str, (*location, name)))
                problems.append((key.start_mark.line + 1, f"{where}: given twice"))
            seen.add(name)
            inner: Location = (*location, name)
            _walk(value, inner, lines, problems, lists_of_text)
            lines[inner] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            if location in lists_of_text and isinstance(item, yaml.ScalarNode) and item.value:
                item.tag = _TEXT
            _walk(item, (*location, index), lines, problems, lists_of_text)
