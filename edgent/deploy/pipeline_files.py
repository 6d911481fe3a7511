"""The files that a device needs of a pipeline: its spec and what that names, but no samples or data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.errors import ArchiveError
from edgent.graph.feature_record import codec_files
from edgent.graph.model_file import read_model_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.spec import Pipeline

FOLDER = "pipeline"
"""Where a deployment holds them."""


def pipeline_files(spec: Pipeline) -> dict[str, Path]:
    """A spec and the files that it names, each by where the spec looks for it below ``pipeline``.

    Args:
        spec: the pipeline's.

    Raises:
        ArchiveError: a file lies outside the spec's folder.
        ModelError: the network cannot be read.
    """
    home, files = spec.file.parent.resolve(), {}
    for file in _named(spec):
        if not file.exists():  # a record that has yet to be measured
            continue
        if not file.resolve().is_relative_to(home):
            raise ArchiveError(
                f"{spec.file} names {file}, outside its own folder, which an image cannot hold: "
                "move it beside the spec"
            )
        files[f"{FOLDER}/{file.resolve().relative_to(home).as_posix()}"] = file
    return files


def _named(spec: Pipeline) -> Iterator[Path]:
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
