"""The files that a device needs of a pipeline: its spec and what that names."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from edgent.errors import ArchiveError
from edgent.graph.feature_record import codec_files
from edgent.graph.model_file import read_model_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.spec import Pipeline


def copy_pipeline_files(spec: Pipeline, folder: Path) -> None:
    """Copy a spec and the files that it names, each to where the spec looks for it.

    Args:
        spec: the pipeline's.
        folder: gets them; what it held before goes.

    Raises:
        ArchiveError: a file lies outside the spec's folder, or cannot be copied.
        ModelError: the network cannot be read.
    """
    home = spec.file.parent.resolve()
    try:
        shutil.rmtree(folder, ignore_errors=True)
        for file in _files(spec):
            if not file.exists():  # a record that has yet to be measured
                continue
            if not file.resolve().is_relative_to(home):
                raise ArchiveError(
                    f"{spec.file} names {file}, outside its own folder, which an image cannot hold: "
                    "move it beside the spec"
                )
            target = folder / file.resolve().relative_to(home)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    except OSError as error:
        raise ArchiveError(f"cannot copy {error.filename}: {error.strerror}") from None


def _files(spec: Pipeline) -> Iterator[Path]:
    """The spec and what it names for a device."""
    yield spec.file
    model = spec.resolve(spec.model.file)
    yield model
    yield from (model.parent / location for location in read_model_file(model).external)
    rule = spec.exit_rule.file if spec.exit_rule else None
    named = [spec.input.labels_file, spec.codecs.accuracy, spec.bandwidth.map, rule]
    named += [name for edge in spec.edges for name in (edge.ca_file, edge.profile)]
    named += [spec.regressors.device, spec.regressors.edge] if spec.regressors else []
    yield from (spec.resolve(name) for name in named if name)
    for record in map(spec.resolve, spec.codecs.features):
        yield from (record, *codec_files(record))
