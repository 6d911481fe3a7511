"""Spec file to Pipeline: every problem at once, each with file, line and path."""

import difflib
import json
import logging
import re
from pathlib import Path
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError

from edgent.errors import SpecError
from edgent.spec.schema import Pipeline
from edgent.spec.yaml_lines import Location, YamlDocument, read_yaml

_LOG = logging.getLogger(__name__)
_KEY_IN_MESSAGE = re.compile(r"([a-z_]+(?:\.[a-z_]+)*): ")
_LISTS_OF_TEXT = frozenset({("input", "labels")})


def read_spec(path: str | Path) -> Pipeline:
    """Read and check a pipeline spec.

    Args:
        path: the YAML file; paths inside it are relative to its folder.

    Raises:
        SpecError: with one line for each problem, in the order of the file.
    """
    path = Path(path)
    document = read_yaml(path, _LISTS_OF_TEXT)
    if not isinstance(document.data, dict):
        raise SpecError(f"{path}: a spec is a mapping of keys to values, this is {_kind(document.data)}")
    problems = [*document.problems, *_fill_in_labels(document, path.parent)]
    pipeline = None
    try:
        # By way of JSON: strict there means JSON's own types; lists become tuples and nothing else bends.
        pipeline = Pipeline.model_validate_json(json.dumps(document.data, default=str))
    except ValidationError as error:
        found = error.errors()
        # A list whose item is wrong is reported at the item only.
        deepest = [item for item in found if not any(_is_within(other, item) for other in found)]
        problems += [_problem(document, item) for item in deepest]
    if problems or pipeline is None:
        lines = [f"{path}:{line}: {message}" for line, message in sorted(set(problems))]
        raise SpecError("\n".join(lines))
    pipeline._file = path  # noqa: SLF001  only the reader knows where a spec came from
    _LOG.info("spec %s: pipeline %s, exits %s", path, pipeline.name, ", ".join(pipeline.exit_names))
    return pipeline


def _fill_in_labels(document: YamlDocument, folder: Path) -> list[tuple[int, str]]:
    """Put what ``input.labels_file`` holds in the place of ``input.labels``; (line, message) if not."""
    section = document.data.get("input")
    name = section.get("labels_file") if isinstance(section, dict) else None
    if not isinstance(name, str):
        return []
    line = document.lines.get(("input", "labels_file"), 1)
    if "labels" in section:
        return [(line, "input.labels_file: input.labels is there, too; leave one of the two out")]
    try:
        text = (folder / name).read_text(encoding="utf-8-sig").rstrip()
    except UnicodeDecodeError:
        return [(line, f"input.labels_file: {folder / name}: not a text file in UTF-8")]
    except (OSError, ValueError) as error:
        return [(line, f"input.labels_file: {folder / name}: cannot be read: {error}")]
    section["labels"] = [label.strip() for label in text.split("\n")] if text else []
    return []


def _is_within(inner: Any, outer: Any) -> bool:
    depth = len(outer["loc"])
    return len(inner["loc"]) > depth and inner["loc"][:depth] == outer["loc"]


def _kind(value: Any) -> str:
    return {type(None): "empty", list: "a list", str: "a text"}.get(type(value), f"a {type(value).__name__}")


def _problem(document: YamlDocument, error: Any) -> tuple[int, str]:
    """(line, message) of one finding of pydantic."""
    location: Location = tuple(error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    key = _KEY_IN_MESSAGE.match(message) if error["type"] == "value_error" else None
    if key is not None:  # a section tells which of its keys is wrong
        location, message = (*location, *key[1].split(".")), message[key.end() :]
    line = next(
        (
            document.lines[location[:n]]
            for n in range(len(location), -1, -1)
            if location[:n] in document.lines
        ),
        1,
    )
    where = ".".join(map(str, location)) or "spec"
    if error["type"] == "extra_forbidden":
        known = _known_keys(location[:-1])
        near = difflib.get_close_matches(str(location[-1]), known, 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(sorted(known))}"
        return line, f"{where}: unknown key; {hint}"
    if error["type"] == "missing":
        return line, f"{where}: required, but not there"
    value = error["input"]
    shown = "" if isinstance(value, (dict, list)) or repr(value) in message else f", not {value!r}"
    return line, f"{where}: {_continued(message)}{shown}"


def _continued(message: str) -> str:
    """A message as it goes on after a colon; what begins in capitals keeps them."""
    return message if message[1:2].isupper() else message[0].lower() + message[1:]


def _known_keys(location: Location) -> list[str]:
    """The keys of the section at a location."""
    section: Any = Pipeline
    for part in location:
        if isinstance(part, int):
            continue
        section = _section_in(section.model_fields[part].annotation)
    return list(section.model_fields)


def _section_in(annotation: Any) -> Any:
    """The section class inside an annotation such as ``tuple[ExitSection, ...]`` or ``X | None``."""
    is_class = isinstance(annotation, type) and get_origin(annotation) is None  # tuple[X] is a type in 3.10
    if is_class and issubclass(annotation, BaseModel):
        return annotation
    found = (_section_in(inner) for inner in getattr(annotation, "__args__", ()))
    return next((section for section in found if section is not None), None)
