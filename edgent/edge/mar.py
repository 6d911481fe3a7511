"""One .mar archive, reproducible byte for byte.

The stock archiver stamps times into every archive and stages files under a shared name. A .mar is a zip with
a manifest, so it is written here: fixed dates, fixed order. Weights are stored, as they hardly shrink; all
else is deflated, so bytes are the same wherever zlib is.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from edgent.core.served_version import served_version
from edgent.core.wire import WIRE_VERSION, head_identity
from edgent.edge.carried import carried_codecs, carried_measures, edgent_files
from edgent.edge.limits import LARGEST_BATCH
from edgent.edge.serving import Serving
from edgent.graph.weights_file import LOCATION
from edgent.shipped import shipped_folder

_DATE = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o644 << 16
OF_NO_MODEL = "1.0"
"""Version of what is made of no model, such as the probe."""

_HEAD = "head.onnx"
_STORED = frozenset({_HEAD, LOCATION})
_ARCHIVER = "0.12.0"  # the format written here is that of torch-model-archiver 0.12


@dataclass(frozen=True)
class MarFile:
    """An archive that was written."""

    path: Path
    size_bytes: int
    sha256: str


def head_files(head: str, onnx: bytes, serving: Serving) -> dict[str, bytes]:
    """The archive's content for a head.

    Args:
        head: its name.
        onnx: its ONNX file.
        serving: how it is served.

    Raises:
        ArchiveError: the source of a codec cannot be carried.
    """
    said = {
        "head": head,
        "identity": head_identity(serving.model_sha256, head).hex(),
        "onnx_sha256": hashlib.sha256(onnx).hexdigest(),
    }
    return _served_files(head, "head_handler.py", said, serving) | {_HEAD: onnx}


def pipeline_files(
    pipeline: str,
    contents: dict[str, bytes],
    warm: Iterable[tuple[str, str]],
    memory_bytes: int,
    serving: Serving,
) -> dict[str, bytes]:
    """The archive's content for a pipeline, which answers any window of it.

    Args:
        pipeline: its name.
        contents: the files that windows are made from: the layers, and the weights by the name that these
            give them.
        warm: windows that are loaded from the start, by the names of their first and last tensor.
        memory_bytes: what loaded windows may take in all.
        serving: how it is served.

    Raises:
        ArchiveError: the source of a codec or of a measure of confidence cannot be carried.
    """
    measures = carried_measures(serving.measures)
    said = {
        "pipeline": pipeline,
        "measures": measures.references,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
        "memory_bytes": memory_bytes,
        "warm": [list(ends) for ends in warm],
    }
    return measures.files | _served_files(pipeline, "pipeline_handler.py", said, serving) | contents


def probe_files(name: str) -> dict[str, bytes]:
    """The archive's content for the link probe."""
    return _files(name, OF_NO_MODEL, "probe_handler.py", _for_torchserve(response_timeout_s=20))


def mar_file(name: str, version: str) -> str:
    """What an archive is called, so that two versions lie in one folder: ``lenet-p04-654c52540abc.mar``."""
    return f"{name}.mar" if version == OF_NO_MODEL else f"{name}-{version}.mar"


def is_own_archive(path: Path) -> bool:
    """Whether a file is an archive that edgent wrote: each carries ``edgent.core``."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "edgent/core/__init__.py" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def write_mar(path: Path, files: dict[str, bytes]) -> MarFile:
    """Write an archive; its name never holds an unfinished archive, and none stays where writing fails."""
    unfinished = path.with_suffix(".unfinished")
    try:
        with zipfile.ZipFile(unfinished, "w", compresslevel=9) as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(name, _DATE)
                entry.external_attr = _FILE_MODE
                entry.compress_type = zipfile.ZIP_STORED if name in _STORED else zipfile.ZIP_DEFLATED
                entry.create_system = 3  # Unix, wherever it is built
                archive.writestr(entry, files[name])
        data = unfinished.read_bytes()
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return MarFile(path, len(data), hashlib.sha256(data).hexdigest())


def _served_files(name: str, handler: str, said: dict[str, Any], serving: Serving) -> dict[str, bytes]:
    """What an archive holds but for the network: its configuration, the handler, ``edgent.core`` whole."""
    carried = carried_codecs(serving.codecs)
    ours = {
        "codecs": carried.references,
        "largest_batch": LARGEST_BATCH,
        "model_sha256": serving.model_sha256,
        "providers": list(serving.providers),
        "provider_options": {name: dict(said) for name, said in serving.provider_options.items()},
        "threads": serving.threads,
        "wire_version": WIRE_VERSION,
    }
    config = _for_torchserve(serving.response_timeout_s, serving.batch_size, serving.max_batch_delay_ms)
    config |= {"jobQueueSize": serving.queue, "edgent": ours | said}
    return carried.files | _files(name, served_version(serving.model_sha256), handler, config)


def _for_torchserve(
    response_timeout_s: int, batch_size: int = 1, max_batch_delay_ms: int = 1
) -> dict[str, Any]:
    # No minWorkers here: it would override a snapshot's 0.
    return {
        "batchSize": batch_size,
        "maxBatchDelay": max_batch_delay_ms,
        "responseTimeout": response_timeout_s,
        "startupTimeout": 120,
        "deviceType": "cpu",
    }


def _files(name: str, version: str, handler: str, config: dict[str, Any]) -> dict[str, bytes]:
    """What every archive holds: manifest, configuration, handler, and what the handler imports of edgent."""
    manifest = {
        "archiverVersion": _ARCHIVER,
        "createdOn": "01/01/1980 00:00:00",
        "model": {
            "configFile": "model-config.yaml",
            "handler": handler,
            "modelName": name,
            "modelVersion": version,
        },
        "runtime": "python",
    }
    return edgent_files() | {
        "MAR-INF/MANIFEST.json": json.dumps(manifest, indent=2, sort_keys=True).encode(),
        "model-config.yaml": yaml.safe_dump(config).encode(),
        handler: (shipped_folder("handlers") / handler).read_bytes(),
    }
