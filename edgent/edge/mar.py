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


@dataclass(frozen=True)
class Serving:
    """How an archive is served, whatever it holds of a network.

    Attributes:
        model_sha256: digest of the whole network.
        providers: onnxruntime's execution providers.
        provider_options: what they are told, by their names.
        response_timeout_s: after which TorchServe ends a worker that has not answered.
        queue: how many requests may wait.
        codecs: those that a spec offers; the archive carries the source of those that are not edgent's own.
    """

    model_sha256: str
    providers: tuple[str, ...]
    provider_options: ProviderOptions
    response_timeout_s: int
    queue: int = LONGEST_QUEUE
    codecs: tuple[str, ...] = ()

    def files(self, name: str, handler: str, said: dict[str, Any]) -> dict[str, bytes]:
        """What an archive holds but for the network: its configuration, the handler, ``edgent.core`` whole.

        Args:
            name: the archive's.
            handler: its file.
            said: what the handler is told of the archive.

        Raises:
            ArchiveError: the source of a codec cannot be carried.
        """
        carried = carried_codecs(self.codecs)
        ours = {
            "codecs": carried.references,
            "largest_batch": LARGEST_BATCH,
            "model_sha256": self.model_sha256,
            "providers": list(self.providers),
            "provider_options": {name: dict(said) for name, said in self.provider_options.items()},
            "threads": 1,
            "wire_version": WIRE_VERSION,
        }
        config = _serving(self.response_timeout_s) | {"jobQueueSize": self.queue, "edgent": ours | said}
        return carried.files | _files(name, handler, config)


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
    return serving.files(head, "head_handler.py", said) | {"head.onnx": onnx}


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
        ArchiveError: the source of a codec cannot be carried.
    """
    said = {
        "pipeline": pipeline,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
        "memory_bytes": memory_bytes,
        "warm": [list(ends) for ends in warm],
    }
    return serving.files(pipeline, "pipeline_handler.py", said) | contents


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
