"""One .mar archive, reproducible byte for byte.

The stock archiver stamps times into every archive and stages files under a shared name. A .mar is a zip with
a manifest, so it is written here: fixed dates, fixed order, stored and not deflated (the weights hardly
shrink, and zlib's output differs between versions).
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from edgent.core.providers import ProviderOptions
from edgent.core.wire import WIRE_VERSION, head_identity
from edgent.edge.carried_codecs import carried_codecs
from edgent.shipped import shipped_folder

_DATE = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o644 << 16
_ARCHIVER = "0.12.0"  # the format written here is that of torch-model-archiver 0.12
LARGEST_BATCH = 64
LONGEST_QUEUE = 100


@dataclass(frozen=True)
class MarFile:
    """An archive that was written."""

    path: Path
    size_bytes: int
    sha256: str


def head_files(
    head: str,
    model_sha256: str,
    onnx: bytes,
    *,
    providers: tuple[str, ...],
    provider_options: ProviderOptions,
    response_timeout_s: int,
    queue: int = LONGEST_QUEUE,
    codecs: Iterable[str] = (),
) -> dict[str, bytes]:
    """The archive's content for a head: its ONNX, the handler, and ``edgent.core`` whole.

    Args:
        head: its name.
        model_sha256: digest of the whole network.
        onnx: the head's ONNX file.
        providers: onnxruntime's execution providers.
        provider_options: what they are told, by their names.
        response_timeout_s: after which TorchServe ends a worker that has not answered.
        queue: how many requests may wait for the head.
        codecs: those that a spec offers; the archive carries the source of those that are not edgent's own.

    Raises:
        ArchiveError: the source of a codec cannot be carried.
    """
    carried = carried_codecs(codecs)
    config = _serving(response_timeout_s) | {
        "jobQueueSize": queue,
        "edgent": {
            "codecs": carried.references,
            "head": head,
            "identity": head_identity(model_sha256, head).hex(),
            "largest_batch": LARGEST_BATCH,
            "model_sha256": model_sha256,
            "onnx_sha256": hashlib.sha256(onnx).hexdigest(),
            "providers": list(providers),
            "provider_options": {name: dict(said) for name, said in provider_options.items()},
            "threads": 1,
            "wire_version": WIRE_VERSION,
        },
    }
    return carried.files | _files(head, "head_handler.py", config) | {"head.onnx": onnx}


def probe_files(name: str) -> dict[str, bytes]:
    """The archive's content for the link probe."""
    return _files(name, "probe_handler.py", _serving(response_timeout_s=20))


def write_mar(path: Path, files: dict[str, bytes]) -> MarFile:
    """Write an archive; its name never holds an unfinished archive."""
    unfinished = path.with_suffix(".unfinished")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.external_attr = _FILE_MODE
            entry.create_system = 3  # Unix, wherever it is built
            archive.writestr(entry, files[name])
    data = unfinished.read_bytes()
    unfinished.replace(path)
    return MarFile(path, len(data), hashlib.sha256(data).hexdigest())


def _serving(response_timeout_s: int) -> dict[str, Any]:
    # No minWorkers here: it would override a snapshot's 0.
    return {
        "batchSize": 1,
        "maxBatchDelay": 1,
        "responseTimeout": response_timeout_s,
        "startupTimeout": 120,
        "deviceType": "cpu",
    }


def _files(name: str, handler: str, config: dict[str, Any]) -> dict[str, bytes]:
    """What every archive holds: manifest, configuration, handler, and what the handler imports of edgent."""
    manifest = {
        "archiverVersion": _ARCHIVER,
        "createdOn": "01/01/1980 00:00:00",
        "model": {
            "configFile": "model-config.yaml",
            "handler": handler,
            "modelName": name,
            "modelVersion": "1.0",
        },
        "runtime": "python",
    }
    package = Path(__file__).parents[1]
    sources = [package / "__init__.py", package / "errors.py", *(package / "core").rglob("*.py")]
    return {source.relative_to(package.parent).as_posix(): source.read_bytes() for source in sources} | {
        "MAR-INF/MANIFEST.json": json.dumps(manifest, indent=2, sort_keys=True).encode(),
        "model-config.yaml": yaml.safe_dump(config).encode(),
        handler: (shipped_folder("handlers") / handler).read_bytes(),
    }
