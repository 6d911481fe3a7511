"""What one network costs: a new pipeline, a profile, opening, and a decision."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.testbed.errors import TestbedError
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.graph.model_file import read_model_file
from edgent.inputs.photo_folder import photos_in
from edgent.latency.loading import load_cost_table
from edgent.network import Network
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.policies.hedged import Hedged
from edgent.planning.situation import Situation
from edgent.replay.conditions import Conditions
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.planning.cost_table import CostTable

SLOWDOWN = 20.0
DECISIONS = 1000
PHOTOS = {"train": 40, "held_out": 20}
"""Of each class."""
NEW_BUDGET_S, LEAST_BUDGET_S = 10.0, 0.1
_OPENINGS = 5
_REQUIREMENT_S = 0.5


@dataclass(frozen=True)
class Scale:
    """What one network costs; a row of the study's file.

    Attributes:
        size_bytes: Of its file, exits included.
        macs: Multiply-accumulates of the deepest exit.
        layers: Of the deepest exit's path.
        new_s, profile_s: Of `edgent new` and of `edgent profile` for the device, as processes.
        opening_s: Of a device without an edge, in the median of some processes.
        search_s, hedged_s: Of a decision on a steady link and on one that moves, in the median.
    """

    network: str
    size_bytes: int
    macs: int
    layers: int
    exits: int
    plans: int
    new_s: float
    profile_s: float
    opening_s: float
    search_s: float
    hedged_s: float


def link_photos(source: Path, folder: Path) -> Path:
    """Folders of photos to train on and held out, as links: the first ones of every class, without labels.

    So exits learn the network's own answers, and its output stays as the deepest one, random or not.
    """
    for part, count in PHOTOS.items():
        (folder / part).mkdir(parents=True, exist_ok=True)
        for label in sorted({photo.label or "" for photo in photos_in(source / part).photos}):
            for file in sorted((source / part / label).iterdir())[:count]:
                link = folder / part / f"{label}-{file.name}"
                if not link.is_symlink():
                    link.symlink_to(file.resolve())
    return folder


def measure(name: str, folder: Path, photos: Path, tell: Callable[[str], None]) -> Scale:
    """Make a pipeline of a network and measure what it costs, unless the folder has that from before.

    Args:
        name: One of `NETWORKS`.
        folder: Of the results, the pipeline among them.
        photos: To make it with.
        tell: Is told what is done now.
    """
    kept = folder / f"{name}.json"
    if kept.exists():
        return Scale(**json.loads(kept.read_text(encoding="utf-8")))
    from benchmarks.studies.scale.networks import write_network  # noqa: PLC0415  imports torch

    tell("its file")
    model = folder / f"{name}.onnx"
    write_network(name, model)
    spec, cache = folder / "pipelines" / f"{name}.yaml", folder / "cache" / name
    remove_leftovers(spec, cache)
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    edgent = str(Path(sys.executable).with_name("edgent"))
    new = ("new", name, "--model", model, "--photos", photos, "--out", spec.parent)
    tell("edgent new")
    new_s = _seconds((edgent, *new, "--budget-s", NEW_BUDGET_S), environment)
    profile = ("profile", spec, "--node", "device", "--budget-s", LEAST_BUDGET_S)
    tell("edgent profile")
    profile_s = _seconds((edgent, *profile), environment)
    tell("opening")
    opened_s = [_opening_s(spec, environment) for _ in range(_OPENINGS)]
    network = Network.open(read_spec(spec), cache / "edgent")
    tell("decisions")
    costs, deepest = load_cost_table(network, SLOWDOWN), network.graph.paths[-1]
    found = Scale(
        name, read_model_file(network.graph.path).size_bytes, deepest.macs, len(deepest.layers),
        len(network.graph.paths), len(costs), new_s, profile_s, median(opened_s), *_decisions_s(costs),
    )  # fmt: skip
    kept.write_text(json.dumps(asdict(found)), encoding="utf-8")
    return found


def remove_leftovers(spec: Path, cache: Path) -> None:
    """Remove what a measurement left that was interrupted: `edgent new` would refuse, or find its work done.

    Args:
        spec: Of the pipeline that is made; its files lie in a folder of its name beside it.
        cache: Of this network alone.
    """
    spec.unlink(missing_ok=True)
    for folder in (spec.with_suffix(""), cache):
        if folder.exists():
            shutil.rmtree(folder)


def _seconds(command: tuple[object, ...], environment: dict[str, str]) -> float:
    """What a command takes."""
    began_s = time.perf_counter()
    _said(command, environment)
    return time.perf_counter() - began_s


def _opening_s(spec: Path, environment: dict[str, str]) -> float:
    return float(_said((sys.executable, "-m", "benchmarks.studies.scale.opening", spec), environment))


def _said(command: tuple[object, ...], environment: dict[str, str]) -> bytes:
    """What a command wrote.

    Raises:
        TestbedError: It failed; it has said why.
    """
    words = list(map(str, command))
    done = subprocess.run(words, env=environment, check=False, stdout=subprocess.PIPE)
    if done.returncode:
        raise TestbedError(f"`{' '.join(words)}` ended with status {done.returncode}")
    return done.stdout


def _decisions_s(costs: CostTable) -> tuple[float, float]:
    """Seconds of one decision in the median, on a steady link and on one that moves."""
    search_s, hedged_s = [], []
    for bps in np.geomspace(5e4, 1e7, DECISIONS).tolist():
        link = Link(0.002, bps, bps)
        search_s.append(_taken_s(partial(exit_search, costs, link, _REQUIREMENT_S)))
        forecast = MovingAverageForecast()
        forecast.update(bps)
        local_exits = Conditions(costs, _REQUIREMENT_S, link.round_trip_s).local_exits
        situation = Situation(link, _REQUIREMENT_S, forecast, local_exits=local_exits)
        hedged_s.append(_taken_s(partial(Hedged().decide, costs, situation)))
    return median(search_s), median(hedged_s)


def _taken_s(decide: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    decide()
    return time.perf_counter() - began_s
