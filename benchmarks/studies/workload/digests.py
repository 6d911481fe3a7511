"""With what a run measures, in short digests: what was measured with something else is no part of it."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from benchmarks.studies.workload.devices import RULE_FILE
from benchmarks.studies.workload.measure import Effort
from edgent.bundle.device_pipeline import generated_files
from edgent.graph.cache import short_digest
from edgent.installed_modules import module_files
from edgent.shipped import shipped_folder
from edgent.spec import Pipeline, read_spec

_PACKAGES = ("edgent", "device_runtime", "benchmarks")


def digests(effort: Effort, pipeline: Pipeline, ours: Path) -> Mapping[str, str]:
    """Digests of the sources, the effort, the profiles with all else that runtimes read, and the photos.

    Args:
        effort: How much is asked.
        pipeline: The shipped one, whose profiles do for a quick run.
        ours: The trial's spec; its profiles and its exit rule lie beside it, or are not made yet.
    """
    read = [pipeline.file, *generated_files(pipeline), *generated_files(read_spec(ours))]
    return {
        "sources": sources(),
        "effort": short_digest(repr(effort)),
        "profiles": short_digest(*map(_text, [*read, ours.with_name(RULE_FILE)])),
        "photos": short_digest(*_photos(pipeline)),
    }


@cache
def sources(packages: tuple[str, ...] = _PACKAGES) -> str:
    """Of all Python files that devices, edges and this study may run, as this process first found them."""
    handlers = {f"handlers/{file.name}": file for file in shipped_folder("handlers").glob("*.py")}
    files = sorted((module_files(packages) | handlers).items())
    return short_digest(*(f"{place}\n{_text(file)}" for place, file in files if file.suffix == ".py"))


def _photos(pipeline: Pipeline) -> list[str]:
    """Names and sizes of the photos that are asked; nothing, where they are not there."""
    folder = pipeline.resolve(pipeline.held_out or "")
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return [f"{file.relative_to(folder)} {file.stat().st_size}" for file in files]


def _text(file: Path) -> str:
    """What a file holds; nothing, where it is not there."""
    return file.read_text(encoding="utf-8") if file.is_file() else ""
