"""Bundles of the shipped pipelines, moved away from where they were made, and an environment for them."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from edgent.bundle.folder import write_bundle
from edgent.bundle.requirements import device_requirements
from edgent.network import Network
from edgent.shipped import shipped_pipelines
from edgent.spec import read_spec
from releasing.linked_environment import linked_environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Bundled = Callable[[str], Path]


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Bundled:
    """Makes the bundle of a shipped pipeline, once, and moves it."""
    made: dict[str, Path] = {}

    def bundle(name: str) -> Path:
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            spec = read_spec(shipped_pipelines()[name])
            samples = spec.resolve(spec.input.samples) if spec.input.samples else None
            write_bundle(Network.open(spec, folder / "cache"), folder / "here", samples)
            made[name] = (folder / "here").rename(folder / "there")
        return made[name]

    return bundle


@pytest.fixture(scope="session")
def device_python(bundled: Bundled, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds what a bundle requires, its wheel, and nothing else."""
    listed = [line.partition(";")[0].partition("==") for line in device_requirements()]
    named = [name for name, is_pinned, _ in listed if is_pinned]  # others are not installed here
    python, site = linked_environment(tmp_path_factory.mktemp("device"), named)
    (wheel,) = (bundled("lenet") / "wheels").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(site)
    return python
