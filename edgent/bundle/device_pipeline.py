"""The files that a device needs of a pipeline: its spec, what that names, and the network's segments."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from edgent.errors import ArchiveError
from edgent.generated_file import as_json
from edgent.graph.description import read_graph
from edgent.graph.segments import Segments
from edgent.latency.device_places import device_places
from edgent.spec.edit import write_values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.network import Network
    from edgent.spec import Pipeline


def write_device_pipeline(network: Network, folder: Path, samples: Path | None = None) -> Path:
    """Write a spec, the files that it names, and every segment that the device may run, cut already.

    The network's own file stays behind: its weights are in the segments' weights file. So do the decoders
    that the edge runs. No file of the folder says where the folder is, so it may be moved.

    Args:
        network: the pipeline's.
        folder: gets them; a new one, or one to be made.
        samples: an image, an array or a folder of these, copied as the spec's samples; none where None.

    Returns:
        The spec in the folder.

    Raises:
        ArchiveError: a file lies outside the spec's folder, or cannot be copied.
        SpecError: a feature codec is missing or damaged.
        StaleFileError: a generated file cannot be read.
        ModelError: the network cannot be read or cut.
    """
    spec = network.spec
    home = spec.file.parent.resolve()
    beside_model = _inside(spec, spec.resolve(spec.model.file), home).parent
    values: dict[tuple[str | int, ...], str] = {
        ("model", "sha256"): network.graph.sha256,
        ("model", "segments"): (beside_model / "segments").as_posix(),
    }
    try:
        for file in _files(network):
            _copy(file, folder / _inside(spec, file, home))
        for file in generated_files(spec):
            if file.exists():  # one may have yet to be measured
                target = folder / _inside(spec, file, home)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(as_json(file, "make it again, or restore it"), encoding="utf-8")
        if samples is not None:
            place = beside_model / "samples" / ("" if samples.is_dir() else samples.name)
            _copy(samples, folder / place)
            values["input", "samples"] = place.as_posix()
    except shutil.Error as error:  # of a folder: each file that could not be copied, its place, and why
        source, _, reason = error.args[0][0]
        raise ArchiveError(f"cannot copy {source}: {reason}") from None
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.filename else f"the pipeline's files: {error}"
        raise ArchiveError(f"cannot copy {reason}") from None
    copied = folder / spec.file.name
    write_values(copied, values)
    _cut(network, folder / beside_model / "segments")
    return copied


def _copy(source: Path, target: Path) -> None:
    """A file, or a folder with all that it holds."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(source, target)


def _inside(spec: Pipeline, file: Path, home: Path) -> Path:
    """Where a file lies in the spec's folder."""
    if not file.resolve().is_relative_to(home):
        raise ArchiveError(
            f"{spec.file} names {file}, outside its own folder, which a device does not have: move it beside "
            "the spec"
        )
    return file.resolve().relative_to(home)


def _files(network: Network) -> Iterator[Path]:
    """The spec and what it names for a device, as it is; of feature codecs the device's part."""
    spec = network.spec
    yield spec.file
    named = [spec.input.labels_file, *(edge.ca_file for edge in spec.edges)]
    yield from (spec.resolve(name) for name in named if name)
    for codec in network.feature_codecs.values():
        yield from codec.device_files


def generated_files(spec: Pipeline) -> Iterator[Path]:
    """What a spec names that edgent writes: of this a device gets JSON, which it reads more quickly."""
    rule = spec.exit_rule.file if spec.exit_rule else None
    named = [spec.codecs.accuracy, spec.bandwidth.map, rule, *(edge.profile for edge in spec.edges)]
    named += [spec.regressors.device, spec.regressors.edge] if spec.regressors else []
    yield from (spec.resolve(name) for name in (*named, *spec.codecs.features) if name)


def _cut(network: Network, folder: Path) -> None:
    """Describe the network and cut every segment that a device may run or time."""
    spec, graph = network.spec, network.graph
    read_graph(graph.path, spec.exit_outputs, folder)
    stops_inside = spec.windows or bool(spec.codecs.features) or spec.exit_rule is not None
    segments = Segments(graph, folder)
    for place in device_places(graph, stops_inside=stops_inside):
        segments.segment(graph.path_of(place.exit).index, place.start, place.stop)
