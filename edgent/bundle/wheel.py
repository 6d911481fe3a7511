"""A wheel of edgent as it is installed here, without pipelines and handlers, which a device does not need.

It needs neither a checkout nor a build back end, and a device runs the very version that cut its segments.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES = ("edgent", "device_runtime")
_NOT_CARRIED = {"__pycache__", "_shipped"}
_INFORMATION = ("METADATA", "entry_points.txt", "licenses/LICENSE")
_WHEEL = "Wheel-Version: 1.0\nGenerator: edgent bundle\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_NO_DATE = (1980, 1, 1, 0, 0, 0)  # the same sources make the same bytes
_FILE_MODE = 0o100644 << 16


def write_wheel(folder: Path) -> Path:
    """Write it (PEP 427).

    Args:
        folder: gets the file; made where it is missing.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    version = metadata.version("edgent")
    information = f"edgent-{version}.dist-info"
    file = folder / f"edgent-{version}-py3-none-any.whl"
    record = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in [*_modules(), *_information(information)]:
            _add(wheel, name, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(content)}\n")
        _add(wheel, f"{information}/RECORD", "".join([*record, f"{information}/RECORD,,\n"]).encode())
    return file


def _modules() -> Iterator[tuple[str, bytes]]:
    """The files of both packages, by their names in the wheel."""
    for package in _PACKAGES:
        found = find_spec(package)
        assert found is not None
        assert found.submodule_search_locations is not None
        root = Path(found.submodule_search_locations[0])
        for file in sorted(root.rglob("*")):
            place = file.relative_to(root.parent)
            if file.is_file() and _NOT_CARRIED.isdisjoint(place.parts):
                yield place.as_posix(), file.read_bytes()


def _information(folder: str) -> Iterator[tuple[str, bytes]]:
    """What installers read: requirements, commands, the licence."""
    installed = metadata.distribution("edgent")
    for name in _INFORMATION:
        text = installed.read_text(name)
        if text is not None:
            yield f"{folder}/{name}", text.encode()
    yield f"{folder}/WHEEL", _WHEEL.encode()


def _add(wheel: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _NO_DATE)
    entry.external_attr = _FILE_MODE
    wheel.writestr(entry, content, zipfile.ZIP_DEFLATED)
