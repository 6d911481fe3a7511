"""A device starts from a bundle, wherever it lies, with nothing but what the bundle requires."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from device_runtime.early_exits.early_exits import EarlyExits
from device_runtime.local_exits.exit_segments import ExitSegments
from device_runtime.local_exits.sessions import Sessions
from device_runtime.runtime import DeviceRuntime
from edgent.bundle.checksums import SUMS, write_checksums
from edgent.bundle.folder import write_bundle
from edgent.core.exit_rules.rule import ExitRule
from edgent.errors import ArchiveError, ModelError
from edgent.latency.loading import load_cost_table
from edgent.latency.profile import read_profile
from edgent.network import Network
from edgent.planning.stages import Step
from edgent.shipped import shipped_pipelines
from edgent.spec import read_spec
from tests.cuts import noise

if TYPE_CHECKING:
    from collections.abc import Callable

    Bundled = Callable[[str], Path]

SHIPPED = ("lenet", "alexnet", "flowers")
ABSENT = ("onnx", "torch", "sklearn", "scipy", "google", "sympy", "flatbuffers", "packaging", "zstandard")
NOWHERE = "http://127.0.0.1:9"
DEVICE, EDGENT = (
    f"import {module} as command; command.main()" for module in ("device_runtime.cli", "edgent.cli")
)
ANSWER_EVERY_EXIT = """
import importlib.util, json, sys
import numpy as np
from device_runtime import DeviceRuntime
spec, image, *absent = sys.argv[1:]
assert not [name for name in absent if importlib.util.find_spec(name)]
with DeviceRuntime.open(spec, inference_url="http://127.0.0.1:9") as runtime:
    answers = {}
    for name in runtime.network.graph.exit_names:
        answers[name] = runtime.infer(np.load(image), plan=f"{name}:p0").logits.tolist()
print(json.dumps(answers))
"""


def _device(python: Path, home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run something in a device's environment, in a home where nothing can be kept."""
    environment = {
        "HOME": str(home / "nowhere"),
        "XDG_CACHE_HOME": "/proc/nowhere",
        "PATH": "",
        "COLUMNS": "200",
    }
    command = [str(python), *map(str, arguments)]
    return subprocess.run(
        command, env=environment, cwd=home, capture_output=True, text=True, check=False, timeout=240
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_a_device_answers_as_the_spec_itself(
    bundled: Bundled, device_python: Path, tmp_path: Path, name: str
) -> None:
    """Every exit, bit for bit, without any package that a bundle does not require, and without a cache."""
    spec = shipped_pipelines()[name]
    network = Network.open(read_spec(spec), tmp_path / "cache")
    image = noise(network)[0]
    np.save(tmp_path / "image.npy", image)
    bundle = bundled(name) / "pipeline" / f"{name}.yaml"
    done = _device(device_python, tmp_path, "-c", ANSWER_EVERY_EXIT, bundle, tmp_path / "image.npy", *ABSENT)
    assert done.returncode == 0, done.stderr
    with DeviceRuntime.open(spec, inference_url=NOWHERE, cache=tmp_path / "cache") as runtime:
        for exit_name, logits in json.loads(done.stdout).items():
            expected = runtime.infer(image, plan=f"{exit_name}:p0").logits
            np.testing.assert_array_equal(np.array(logits, np.float32), expected)


@pytest.mark.slow
def test_its_commands(bundled: Bundled, device_python: Path, tmp_path: Path) -> None:
    """It answers the samples and profiles itself, without onnx."""
    spec = shutil.copytree(bundled("lenet"), tmp_path / "copy") / "pipeline" / "lenet.yaml"
    answer = _device(device_python, tmp_path, "-c", DEVICE, "--pipeline", spec, "--json", "--url", NOWHERE)
    assert answer.returncode == 0, answer.stderr
    assert len(answer.stdout.splitlines()) == 20
    profile = _device(
        device_python, tmp_path, "-c", EDGENT, "profile", spec, "--node", "device", "--budget-s", "0.1"
    )
    assert profile.returncode == 0, profile.stderr
    assert "as onnx is not installed here" in profile.stdout
    network = Network.open(read_spec(spec))
    measured = read_profile(spec.parent / "lenet" / "device.yaml", "device", network.graph.sha256)
    assert measured.complete
    assert not measured.operators


@pytest.mark.parametrize("name", ["lenet", "flowers"])
def test_nothing_is_left_to_cut(bundled: Bundled, name: str) -> None:
    """Whatever a plan, a rescue or an exit on the way may run is there; the network's own file is not."""
    network = Network.open(read_spec(bundled(name) / "pipeline" / f"{name}.yaml"))
    assert not network.graph.path.exists()
    segments, ways = network.segments, ExitSegments(network.graph)
    steps = {Step.RUN_BEFORE, Step.RUN_DEVICE}
    planned = {
        part
        for plan in load_cost_table(network).plans
        for stage in network.stages(plan)
        if stage.step in steps
        for part in stage.parts
        if not (part.decoder or part.encoder)
    }
    rescued = set(ways.all())
    if network.spec.codecs.features:
        rule = ExitRule("largest_probability", dict.fromkeys(network.graph.exit_names[:-1], 0.9))
        early = EarlyExits(rule, network.graph, Sessions(network), time.perf_counter)
        planned |= {one for stage in planned for one in early.stages(stage)}
        before = {stage for stage in planned if stage.step is Step.RUN_BEFORE}
        assert before
        trunk = network.graph.paths[-1]
        for point in {stage.stop for stage in before if stage.exit == trunk.exit_name}:
            rescued |= {stage for way in ways.ahead(point) for stage in (way.trunk, way.branch) if stage}
    for stage in planned | rescued:
        assert segments.segment(network.graph.path_of(stage.exit).index, stage.start, stage.stop).exists()


@pytest.mark.parametrize("harm", [Path.unlink, lambda file: file.write_bytes(b"")], ids=["gone", "damaged"])
def test_a_damaged_bundle_says_what_to_do(
    tiny_network: Network, tmp_path: Path, harm: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    """Without its weights, segments, or description of the network, there is nothing to make them from.

    So it is not said either that they are written again.
    """
    what_to_do = "copy the folder again, or make it anew with `edgent bundle`$"
    write_bundle(tiny_network, tmp_path / "device")
    spec = tmp_path / "device" / "pipeline" / tiny_network.spec.file.name
    network = Network.open(read_spec(spec))
    for file in (network.segments.tail(0, 0), network.segments.weights()):
        harm(file)
        with pytest.raises(ModelError, match=f"lacks segments or holds damaged ones, .*: {what_to_do}"):
            network.segments.tail(0, 0)
    for file in network.segments.folder.glob("graph-*.json"):
        harm(file)
    with pytest.raises(ModelError, match=f"lacks the network's description or holds .*: {what_to_do}"):
        Network.open(read_spec(spec))
    assert caplog.messages == []


def test_a_second_run_replaces_what_the_first_one_made(tiny_network: Network, tmp_path: Path) -> None:
    """It leaves what lies beside it, and stops where a file of it was changed since, or is not its own."""
    folder = tmp_path / "device"
    first = write_bundle(tiny_network, folder)
    (folder / "token").write_text("mine", encoding="utf-8")
    assert write_bundle(tiny_network, folder) == first
    assert (folder / "token").read_text(encoding="utf-8") == "mine"
    (folder / "run.sh").write_text("changed", encoding="utf-8")
    with pytest.raises(ArchiveError, match=r"holds run\.sh, which no earlier run made as it is now"):
        write_bundle(tiny_network, folder)
    assert (folder / "run.sh").read_text(encoding="utf-8") == "changed"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_of_something_else(tiny_network: Network, tmp_path: Path) -> None:
    """It stays as it is, also where it has checksums of its own; so does a file in the folder's place."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes").write_text("mine", encoding="utf-8")
    refused = r"holds notes, and was not written by edgent bundle: name a new folder with --out"
    with pytest.raises(ArchiveError, match=refused):
        write_bundle(tiny_network, folder)
    write_checksums(folder)
    with pytest.raises(ArchiveError, match=r"was not written by edgent bundle"):
        write_bundle(tiny_network, folder)
    assert {path.name for path in folder.iterdir()} == {"notes", SUMS}
    with pytest.raises(ArchiveError, match=r"--out .*notes is a file: name a folder"):
        write_bundle(tiny_network, folder / "notes")
