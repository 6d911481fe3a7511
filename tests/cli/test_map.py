"""``edgent map``: from traces to the file that the spec names."""

import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edgent.cli import application
from edgent.errors import DataError, PlanError, StaleFileError
from edgent.latency.loading import load_map
from edgent.network import Network
from edgent.planning.paper.configuration_map_file import read_map
from edgent.spec import read_spec
from edgent.spec.edit import write_values


def run(*arguments: str | Path) -> str:
    """What a command prints; its error is raised."""
    result = CliRunner().invoke(application, list(map(str, arguments)), env={"COLUMNS": "120"})
    if result.exception is not None:
        raise result.exception
    return result.output


def test_a_map_is_made_and_named_in_the_spec(profiled: Path, traces: Path, tmp_path: Path) -> None:
    """Every requirement of the spec, its default among them; the file says what made it."""
    figure = tmp_path / "figures" / "map.png"
    options = ["--states", "4", "--plot", str(figure), "--slowdown", "30", "--format", "seconds-mbps"]
    shown = run("map", profiled, "--traces", traces, *options)
    assert "within" in shown
    spec = read_spec(profiled)
    assert spec.bandwidth.map == "tiny/configuration_map.yaml"
    sha256 = Network.open(spec).graph.sha256
    made = read_map(spec.resolve(spec.bandwidth.map), sha256, spec.mapped_requirements_s)
    assert made.latency_requirements_s == pytest.approx((0.02, 0.05, 0.1, 0.2, 0.5, 1.0))
    assert 1 <= len(made.states) <= 4
    assert made.made_by.model_sha256 == sha256
    assert "--states 4 --slowdown 30 --reward accuracy --format seconds-mbps" in made.made_by.command
    assert figure.stat().st_size > 1000
    assert f"written into {profiled}: bandwidth.map: tiny/configuration_map.yaml" in shown
    assert "write bandwidth.environment: dynamic" in shown
    again = run("map", profiled, "--traces", traces, "--states", "3")
    assert f"{profiled} names it as bandwidth.map and stays as it is" in again


@pytest.mark.parametrize(
    ("policy", "use"),
    [
        (None, "with bandwidth.policy: paper"),
        ("paper", "a device takes its plans, by bandwidth.policy: paper"),
    ],
)
def test_what_a_device_makes_of_the_map_is_said(profiled: Path, policy: str | None, use: str) -> None:
    """Depending on the spec's policy."""
    write_values(profiled, {("bandwidth", "environment"): "dynamic"})
    if policy is not None:
        write_values(profiled, {("bandwidth", "policy"): policy})
    assert use in run("map", profiled, "--states", "3")


def test_the_papers_reward_is_offered_by_name(profiled: Path, traces: Path) -> None:
    """It adds answers a second; by default accuracy alone counts, which is worth e at most."""
    rewards = []
    for options in ([], ["--reward", "paper"]):
        run("map", profiled, "--traces", traces, *options)
        made = load_map(Network.open(read_spec(profiled)))
        assert made is not None
        rewards.append(max(entry.reward for row in made.entries for entry in row))
    assert rewards[0] <= math.e < rewards[1]


def test_states_that_are_left_out_are_counted(profiled: Path) -> None:
    """Those that no stretch of the traces is near; nothing is said where all are there."""
    said = "from the slowest to the fastest bandwidth, 1 is left out: no trace stays near this bandwidth"
    assert said in run("map", profiled, "--states", "12")
    assert "left out" not in run("map", profiled, "--states", "3")


def test_plans_that_a_map_has_not_are_named(profiled: Path) -> None:
    """A map has the paper's plans, whatever the spec offers."""
    said = "heads from the input only: without windows that start inside a path"
    assert said not in run("map", profiled, "--states", "3")
    write_values(profiled, {("windows",): True})
    assert said in " ".join(run("map", profiled, "--states", "3").split())


def test_a_map_is_made_of_demo_traces(profiled: Path) -> None:
    """Without a folder, seeded ones: the same plans every time."""
    first, second = (run("map", profiled, "--seed", "5", "--states", "3") for _ in range(2))
    assert first.partition("written")[0] == second.partition("written")[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "holds no traces"),
        ("", "trace.txt.*empty|trace.txt.*no"),
        ("0 1\n2 1\n1 1\n", r"trace.txt, line 3: .*not after"),
        ("0 1\n1 -2\n", r"trace.txt, line 2: .*below 0"),
        ("0 1\n1 nan\n", r"trace.txt, line 2"),
        ("0 1\n", r"trace.txt, line 1: a single line"),
        (
            "0 1\n1 1\n2 1\n",
            "stay at one bandwidth of 1,000 kbps, .* give traces of several links, or longer ones",
        ),
    ],
    ids=["none", "empty", "non-monotonic", "negative", "not a number", "one sample", "one level"],
)
def test_bad_traces_are_refused(profiled: Path, tmp_path: Path, content: str | None, message: str) -> None:
    """With file and line; and the spec stays as it was."""
    folder = tmp_path / "bad"
    folder.mkdir()
    if content is not None:
        (folder / "trace.txt").write_text(content, encoding="utf-8")
    before = profiled.read_bytes()
    with pytest.raises(DataError, match=message):
        run("map", profiled, "--traces", folder)
    assert profiled.read_bytes() == before


def test_an_unprofiled_network_cannot_be_mapped(profiled: Path, traces: Path) -> None:
    """The message names the command that is missing."""
    text = profiled.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("regressors")]
    profiled.write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(PlanError, match="edgent profile"):
        run("map", profiled, "--traces", traces)


def test_a_map_that_cannot_be_written(profiled: Path, traces: Path) -> None:
    """Where its folder should be there is a file."""
    (profiled.parent / "tiny").write_text("in the way", encoding="utf-8")
    with pytest.raises(StaleFileError, match="cannot write"):
        run("map", profiled, "--traces", traces)


def test_a_map_of_late_plans_alone_is_refused(profiled: Path) -> None:
    """Before anything is written, with the least requirement that is possible."""
    with pytest.raises(PlanError, match=r"no plan answers within .* on any link: .*; ask for that or more"):
        run("map", profiled, "--slowdown", "1e6")
    assert not (profiled.parent / "tiny" / "configuration_map.yaml").exists()
