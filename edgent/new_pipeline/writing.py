"""Writes a new pipeline: network, names of classes, lists of photos, and the spec at last."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgent.errors import SpecError
from edgent.graph.onnx_file import graph_inputs
from edgent.inputs.photo_list import write_list
from edgent.new_pipeline.folding import fold
from edgent.new_pipeline.spec_text import SpecContent, spec_text
from edgent.new_pipeline.usable_codecs import activation_codecs, input_codecs

if TYPE_CHECKING:
    from edgent.new_pipeline.finding_out import Findings
    from edgent.new_pipeline.photo_sets import PhotoSets
    from edgent.new_pipeline.request import Request
    from edgent.spec import Pipeline

_DATA_VARIABLE = "EDGENT_DATA_DIR"
TRUNK, _LABELS = "trunk.onnx", "labels.txt"


def write_pipeline(request: Request, findings: Findings) -> None:
    """Write all files of a pipeline, the spec at last.

    Raises:
        SpecError: one of them cannot be written.
    """
    files = request.files
    network, pixels = findings.network, findings.pixels.normalisation
    try:
        model = network.model
        if pixels is not None:
            model = fold(model, pixels, network.channels or 0, network.layout)
        content = model.SerializeToString(deterministic=True)
        model_name = TRUNK if findings.gets_exits else "network.onnx"
        (files / model_name).write_bytes(content)
        if findings.labels:
            (files / _LABELS).write_text("\n".join(findings.labels) + "\n", encoding="utf-8")
        source = network.source if pixels is None else replace(network.source, dtype="uint8")
        takes_pictures, has_photos = source.dtype == "uint8", findings.photos is not None
        spec = SpecContent(
            name=request.name,
            model_file=f"{request.name}/{model_name}",
            model_sha256=hashlib.sha256(content).hexdigest(),
            input_name=graph_inputs(model)[0].name,
            shape=source.shape,
            dtype=source.dtype,
            layout=network.layout,
            takes_pictures=takes_pictures,
            labels_file=f"{request.name}/{_LABELS}" if findings.labels else None,
            data=None if findings.photos is None else _data(files, findings.photos),
            outputs=network.outputs,
            input_codecs=input_codecs(source, takes_pictures=takes_pictures, has_photos=has_photos),
            activation_codecs=activation_codecs(network.paths),
            token_file=os.path.relpath("key_file.json", request.folder),
        )
        request.spec.write_text(spec_text(spec), encoding="utf-8")
    except OSError as error:
        raise SpecError(f"cannot write {error.filename or files}: {error.strerror or error}") from None


def remove_leftovers(spec: Pipeline) -> None:
    """Remove what only the network without exits needed, from a folder that was made for this pipeline."""
    named = {spec.model.file, spec.input.labels_file}
    for name in (TRUNK, _LABELS):
        if f"{spec.name}/{name}" not in named:
            spec.resolve(f"{spec.name}/{name}").unlink(missing_ok=True)


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
