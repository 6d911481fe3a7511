"""Wheels of packages as they are installed here; edgent's is without pipelines and handlers.

They need neither a checkout nor a build back end, and a device runs the very versions that were used here.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from importlib import metadata
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from edgent.installed_modules import module_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

OWN_MODULES = ("edgent", "device_runtime")
"""What edgent's wheel holds."""
_NOT_CARRIED = "edgent/_shipped/"
_INFORMATION = ("METADATA", "entry_points.txt", "licenses/LICENSE")
_WHEEL = "Wheel-Version: 1.0\nGenerator: edgent bundle\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_NO_DATE = (1980, 1, 1, 0, 0, 0)  # the same sources make the same bytes
_FILE_MODE = 0o100644 << 16


def write_wheel(folder: Path, package: str, modules: Iterable[str]) -> Path:
    """Write one (PEP 427).

    Args:
        folder: gets the file; made where it is missing.
        package: name of the distribution, which holds no compiled modules.
        modules: its top-level modules.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    installed = metadata.distribution(package)
    stem = f"{canonicalize_name(package).replace('-', '_')}-{installed.version}"
    information, record = f"{stem}.dist-info", []
    file = folder / f"{stem}-py3-none-any.whl"
    sources = (
        (place, source.read_bytes())
        for place, source in module_files(modules).items()
        if not place.startswith(_NOT_CARRIED)
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in [*sources, *_information(installed, information)]:
            _add(wheel, name, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(content)}\n")
        _add(wheel, f"{information}/RECORD", "".join([*record, f"{information}/RECORD,,\n"]).encode())
    return file


def _information(installed: metadata.Distribution, folder: str) -> Iterator[tuple[str, bytes]]:
    """What installers read: requirements, entry points, the licence."""
    for name in _INFORMATION:
        text = installed.read_text(name)
        if text is not None:
            yield f"{folder}/{name}", text.encode()
    yield f"{folder}/WHEEL", _WHEEL.encode()


def _add(wheel: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _NO_DATE)
    entry.external_attr = _FILE_MODE
    wheel.writestr(entry, content, zipfile.ZIP_DEFLATED)
