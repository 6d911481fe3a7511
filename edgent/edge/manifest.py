"""The manifest of a store: what it serves, in the order in which TorchServe is told."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from edgent.edge.configuration import USUAL_FRAME_BYTES, ServedModel
from edgent.edge.mar import OF_NO_MODEL, MarFile, mar_file
from edgent.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MANIFEST = "manifest.json"
_BUILD = "build the store with `edgent archive SPEC --store FOLDER`"


def read_store(folder: Path) -> list[ServedModel]:
    """The archives that a manifest lists.

    Raises:
        ArchiveError: the manifest is missing or cannot be read.
    """
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
        if "\\u0000" in text:
            raise ValueError("a NUL, which no file has in its name")
        manifest = json.loads(text)
        return [
            ServedModel(
                entry["name"],
                MarFile(
                    folder / mar_file(entry["name"], entry.get("version", OF_NO_MODEL)),
                    entry["size_bytes"],
                    entry["sha256"],
                ),
                entry["workers"],
                entry["response_timeout_s"],
                entry.get("frame_bytes", USUAL_FRAME_BYTES),  # an earlier edgent wrote none of these
                tuple(entry.get("providers", ())),
                entry.get("batch_size", 1),
                entry.get("max_batch_delay_ms", 1),
                entry.get("version", OF_NO_MODEL),
                entry.get("pipeline", ""),
            )
            for entry in manifest["archives"]
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArchiveError(
            f"{folder / MANIFEST}: no readable manifest ({error}); run `make archive`, or {_BUILD}"
        ) from None


def check_archives(models: Sequence[ServedModel]) -> None:
    """Check that archives are those that were built.

    Raises:
        ArchiveError: one is missing or damaged; TorchServe itself would not say which.
    """
    for model in models:
        try:
            content = model.mar.path.read_bytes()
        except OSError as error:
            raise ArchiveError(f"{model.mar.path}: {error.strerror}; {_BUILD}") from None
        if hashlib.sha256(content).hexdigest() != model.mar.sha256:
            raise ArchiveError(f"{model.mar.path} is damaged: it is not the file that was built; {_BUILD}")


def write_manifest(folder: Path, models: Sequence[ServedModel], model_sha256: Mapping[str, str]) -> None:
    """Write what a store serves.

    Args:
        folder: of the archives.
        models: what TorchServe registers.
        model_sha256: digest of the network of each pipeline that was built last, by its name.

    Raises:
        OSError: the file cannot be written.
    """
    entries = [
        {
            "name": model.name,
            "version": model.version,
            "pipeline": model.pipeline,
            "size_bytes": model.mar.size_bytes,
            "sha256": model.mar.sha256,
            "workers": model.workers,
            "response_timeout_s": model.response_timeout_s,
            "frame_bytes": model.frame_bytes,
            "providers": list(model.providers),
            "batch_size": model.batch_size,
            "max_batch_delay_ms": model.max_batch_delay_ms,
        }
        for model in models
    ]
    text = json.dumps({"model_sha256": dict(model_sha256), "archives": entries}, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
