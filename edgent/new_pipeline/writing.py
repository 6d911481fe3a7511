"""Writes a new pipeline: network, names of classes, lists of photos, and the spec at last."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from edgent.errors import SpecError
from edgent.graph.onnx_file import graph_inputs
from edgent.inputs.photo_list import write_list
from edgent.new_pipeline.folding import fold
from edgent.new_pipeline.spec_text import SpecContent, spec_text

if TYPE_CHECKING:
    from edgent.new_pipeline.finding_out import Findings
    from edgent.new_pipeline.photo_sets import PhotoSets
    from edgent.new_pipeline.request import Request
    from edgent.spec import Pipeline

_DATA_VARIABLE = "EDGENT_DATA_DIR"
_TRUNK, _LABELS = "trunk.onnx", "labels.txt"


def write_pipeline(request: Request, findings: Findings) -> None:
    """Write all files of a pipeline, the spec at last.

    Raises:
        SpecError: one of them cannot be written.
    """
    files = request.spec.with_suffix("")
    network, pixels = findings.network, findings.pixels.normalisation
    try:
        files.mkdir(parents=True, exist_ok=True)
        model = network.model
        if pixels is not None:
            model = fold(model, pixels, network.channels or 0, network.layout)
        content = model.SerializeToString(deterministic=True)
        model_name = _model_name(request, findings)
        (files / model_name).write_bytes(content)
        if findings.labels:
            (files / _LABELS).write_text("\n".join(findings.labels) + "\n", encoding="utf-8")
        spec = SpecContent(
            name=request.name,
            model_file=f"{request.name}/{model_name}",
            model_sha256=hashlib.sha256(content).hexdigest(),
            input_name=graph_inputs(model)[0].name,
            shape=network.source.shape,
            dtype=network.source.dtype if pixels is None else "uint8",
            layout=network.layout,
            takes_pictures=pixels is not None or network.source.dtype == "uint8",
            labels_file=f"{request.name}/{_LABELS}" if findings.labels else None,
            data=None if findings.photos is None else _data(files, findings.photos),
            outputs=network.outputs,
            token_file=os.path.relpath("key_file.json", request.folder),
        )
        request.spec.write_text(spec_text(spec), encoding="utf-8")
    except OSError as error:
        raise SpecError(f"cannot write {error.filename or files}: {error.strerror or error}") from None


def remove_leftovers(spec: Pipeline) -> None:
    """Remove what only the network without exits needed, if the spec names it no more."""
    named = {spec.model.file, spec.input.labels_file}
    for name in (_TRUNK, _LABELS):
        if f"{spec.name}/{name}" not in named:
            spec.resolve(f"{spec.name}/{name}").unlink(missing_ok=True)


def _model_name(request: Request, findings: Findings) -> str:
    """``trunk.onnx`` for a network that is going to get exits; with them it is ``network.onnx``."""
    is_bare = len(findings.network.outputs) == 1 and bool(findings.labels)
    return _TRUNK if is_bare and findings.photos is not None and request.exits > 1 else "network.onnx"


def _data(files: Path, photos: PhotoSets) -> tuple[str, str]:
    """Where the photos are: their folders, or lists of them that are written here."""
    if photos.folders is not None:
        train, held_out = (_portable(folder) for folder in photos.folders)
        return train, held_out
    for name, of_set in (("train", photos.train), ("held_out", photos.held_out)):
        write_list(files / f"{name}.csv", of_set)
    return f"{files.name}/train.csv", f"{files.name}/held_out.csv"


def _portable(folder: Path) -> str:
    """A whole path, or one that begins with the folder of all data where it lies in there."""
    base = os.environ.get(_DATA_VARIABLE)
    if base and folder.resolve().is_relative_to(Path(base).resolve()):
        return f"${_DATA_VARIABLE}/{folder.resolve().relative_to(Path(base).resolve()).as_posix()}"
    return str(folder.resolve())
