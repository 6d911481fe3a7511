"""Generated YAML files: what made them is written first, and is checked before anything else is believed."""

from __future__ import annotations

import json
import logging
import os
import platform
from collections.abc import Mapping  # noqa: TC003  pydantic reads the fields' types
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from edgent.errors import StaleFileError
from edgent.whole_file import whole_file

_LOG = logging.getLogger(__name__)
Layout = TypeVar("Layout")

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
"""How the layout of a generated file is checked, and all dataclasses inside it."""
LARGEST_BYTES = 8 * 1024**2
_DEEPEST = 20
_LONGEST_NUMBER = 300
_KEY_PROBLEMS = {"unexpected_keyword_argument": "unknown key", "missing": "required, but not there"}
_PACKAGES = ("edgent", "numpy", "onnxruntime", "pillow", "backports.zstd")


@dataclass(frozen=True)
class Provenance:
    """What made a generated file.

    Attributes:
        model_sha256: digest of the network's ONNX file, hexadecimal.
        command: the command that wrote it.
        date: when, ISO 8601, UTC.
        versions: versions of the packages that decide the outcome.
        machine: the computer: cpu, cores, governor, system.
    """

    model_sha256: str
    command: str
    date: str
    versions: Mapping[str, str]
    machine: Mapping[str, str]

    @classmethod
    def here_and_now(cls, model_sha256: str, command: str) -> Provenance:
        """This machine, these packages, this moment."""
        versions = {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}}
        date = datetime.now(timezone.utc).isoformat(timespec="seconds")
        return cls(model_sha256, command, date, versions, describe_machine())


def _version(package: str) -> str:
    """Of a package; from Python 3.14 on zstd comes with Python."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "Python's own"


def describe_machine() -> dict[str, str]:
    """The processor, its cores, its frequency governor where the system tells, and the operating system."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    fields = dict(line.partition(":")[::2] for line in reversed(lines))
    models = [fields[key].strip() for key in fields if key.strip() in {"model name", "Model", "Hardware"}]
    governor = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    return {
        "cpu": models[0] if models else platform.processor() or platform.machine(),
        "cores": str(os.cpu_count()),
        "governor": governor.read_text(encoding="utf-8").strip() if governor.is_file() else "unknown",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


class Row(dict[str, Any]):
    """A mapping that stands on one line of its file."""


class _Dumper(yaml.SafeDumper):
    """Rows on one line; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    Row, lambda dumper, row: dumper.represent_mapping("tag:yaml.org,2002:map", row, flow_style=True)
)


def write_generated(
    path: Path, what: str, form: int, made_by: Provenance, content: Mapping[str, Any]
) -> None:
    """Write a file whole or not at all.

    Args:
        path: where to write; missing folders are made.
        what: what the file holds, e.g. ``profile``.
        form: version of the layout.
        made_by: what made the content.
        content: plain data.

    Raises:
        StaleFileError: it cannot be written.
    """
    head = {"holds": what, "format": form, "made_by": asdict(made_by)}
    text = yaml.dump({**head, **content}, Dumper=_Dumper, sort_keys=False, width=10_000, allow_unicode=True)
    try:
        with whole_file(path) as unfinished:
            unfinished.write_text(f"# Written by `{made_by.command}`.\n{text}", encoding="utf-8")
    except OSError as error:
        raise StaleFileError(f"cannot write {path}: {error.strerror}; choose a writable folder") from error


def read_generated(
    path: Path,
    what: str,
    form: int,
    model_sha256: str,
    remedy: str,
    layout: type[Layout],
    earlier: tuple[int, ...] = (),
) -> Layout:
    """Read a file that was made for this very model.

    Args:
        path: the file.
        what: what it should hold.
        form: version of the layout that this edgent reads.
        model_sha256: digest that it should be made for.
        remedy: the command that makes it again.
        layout: a dataclass with the field ``made_by`` and a field for each key of the content. Its types say
            what is valid; it needs ``__pydantic_config__ = STRICT``.
        earlier: versions whose content is valid in this layout, too.

    Raises:
        StaleFileError: missing, malformed, of another layout, or made for another model.
    """
    again = f"run `{remedy}`"
    content = load_mapping(path, again)
    if content.pop("holds", None) != what:
        raise StaleFileError(f"{path} holds no {what}; {again}")
    written_form = content.pop("format", None)
    if written_form not in (form, *earlier):
        raise StaleFileError(f"{path} has format {written_form!r}, this edgent reads {form}; {again}")
    made_by = _checked(path, {"made_by": content.get("made_by")}, _Origin, again).made_by
    if made_by.model_sha256 != model_sha256:
        raise StaleFileError(
            f"{path} was made for a model with sha256 {made_by.model_sha256[:16]}…, "
            f"this one has {model_sha256[:16]}…; {again}"
        )
    _LOG.debug("read %s, which `%s` wrote on %s", path, made_by.command, made_by.date)
    return _checked(path, content, layout, again)


@dataclass(frozen=True)
class _Origin:
    """The key that every generated file has."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    made_by: Provenance


def _checked(path: Path, content: dict[str, Any], layout: type[Layout], again: str) -> Layout:
    """The content as its layout; the message has the place and the value of the first problem."""
    try:
        # By way of JSON: strict there means JSON's own types; lists become tuples and nothing else bends.
        adapter: TypeAdapter[Layout] = _adapter(layout)  # type: ignore[arg-type]  # classes can be hashed
        return adapter.validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        first, *others = error.errors()
        place = ".".join(map(str, first["loc"])) + ": " if first["loc"] else ""
        problem = _KEY_PROBLEMS.get(first["type"])
        if problem is None:
            message = first["msg"].removeprefix("Value error, ")
            shown = "" if isinstance(first["input"], dict | list) else f", not {first['input']!r}"
            problem = f"{message[0].lower()}{message[1:]}{shown}"
        more = f" (and {len(others)} more problems)" if others else ""
        raise StaleFileError(f"{path}: {place}{problem}{more}; {again}") from None


@cache
def _adapter(layout: type[Any]) -> TypeAdapter[Any]:
    """What checks a layout; it takes milliseconds to make, and a pipeline has several files of one layout."""
    return TypeAdapter(layout)


def as_json(path: Path, again: str) -> str:
    """The content of a generated file in JSON, which is read thirty times as quickly as YAML.

    Raises:
        StaleFileError: as `load_mapping`.
    """
    return json.dumps(load_mapping(path, again), separators=(",", ":"))


def _parsed(text: str) -> Any:
    """What YAML holds; where it is JSON, which is YAML, too, by the quicker reader."""
    if text.startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            pass
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, where libyaml is there
    _check_nesting(text, loader)
    return yaml.load(text, Loader=loader)  # noqa: S506  a safe loader


def _check_nesting(text: str, loader: Any) -> None:
    """Refuse what is nested too deep, on which libyaml's loader crashes, and aliases, which multiply.

    And numbers of thousands of digits, which Python reads in hexadecimal and does not write.
    """
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST or isinstance(event, yaml.AliasEvent):
            raise ValueError(f"nested more than {_DEEPEST} deep, or with aliases")
        digits = _digits(event)
        if digits > _LONGEST_NUMBER:
            raise ValueError(f"a number of {digits:,} characters")


def _digits(event: yaml.Event) -> int:
    """How long a plain text is that may be a number; 0 for all else."""
    if not isinstance(event, yaml.ScalarEvent) or not event.implicit[0]:
        return 0
    return len(event.value) if event.value.lstrip("+-")[:1].isdigit() else 0


def load_mapping(path: Path, again: str) -> dict[str, Any]:
    """The content of a generated file, of which nothing was checked yet.

    Args:
        path: the file.
        again: what to do where it cannot be read.

    Raises:
        StaleFileError: missing, too large, or no mapping in YAML.
    """
    try:
        size_bytes = path.stat().st_size
        if size_bytes > LARGEST_BYTES:
            raise StaleFileError(f"{path} has {size_bytes:,} bytes, at most {LARGEST_BYTES:,}; {again}")
        text = path.read_text(encoding="utf-8")
        content = _parsed(text)
    except OSError as error:
        raise StaleFileError(f"cannot read {path}: {error.strerror}; {again}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        first_line = str(error).partition("\n")[0]
        raise StaleFileError(f"{path} is no valid YAML: {first_line}; {again}") from None
    if not isinstance(content, dict):
        raise StaleFileError(f"{path} holds no mapping; {again}")
    return content
