"""``edgent replay``: policies side by side, and what stands in its way."""

import csv
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edgent.cli import application
from edgent.cli.replay import replay
from edgent.errors import DataError, PlanError, StaleFileError, UnknownNameError
from edgent.latency.profile import read_profile, task_of, with_timings
from edgent.planning.policies.registry import POLICIES
from edgent.shipped import shipped_pipelines
from edgent.spec.edit import write_values


def run(*arguments: str | Path, columns: int = 80) -> str:
    """What a command prints; its error is raised."""
    result = CliRunner().invoke(application, list(map(str, arguments)), env={"COLUMNS": str(columns)})
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_all_policies_side_by_side(profiled: Path, traces: Path, tmp_path: Path) -> None:
    """A row each, a line in the CSV file for each trace, and a figure."""
    run("map", profiled, "--traces", traces, "--states", "4")
    table, figure = tmp_path / "figures.csv", tmp_path / "figure.svg"
    shown = run(
        *("replay", profiled, "--traces", traces, "--slowdown", "30", "--jobs", "1"),
        *("--csv", table, "--plot", figure, "--reward", "accuracy", "--latency-ms", "15"),
    )
    assert "195 inferences on 5 traces, within 15 ms" in " ".join(shown.split())
    for name in POLICIES:
        assert name in shown
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5 * len(POLICIES)
    assert {row["policy"] for row in rows} == set(POLICIES)
    assert "</svg>" in figure.read_text(encoding="utf-8")


def test_plans_that_a_replay_has_not_are_named(profiled: Path, traces: Path) -> None:
    """It compares the policies on the paper's plans, whatever the spec offers."""
    arguments = ("replay", profiled, "--traces", traces, "--jobs", "1", "--policies", "static,oracle")
    said = "heads from the input only: without windows that start inside a path"
    assert said not in " ".join(run(*arguments).split())
    write_values(profiled, {("windows",): True})
    assert said in " ".join(run(*arguments).split())


def test_coverage_is_printed_and_drawn(profiled: Path, traces: Path, tmp_path: Path) -> None:
    """A row for each tenth that was predicted, of all plans and of policies that decide on the forecast."""
    figure = tmp_path / "coverage.svg"
    shown = run(
        *("replay", profiled, "--traces", traces, "--slowdown", "30", "--jobs", "1", "--coverage"),
        *("--policies", "static,hedged,oracle", "--forecast", "conformal", "--plot", figure),
    )
    table = shown[shown.index("conformal: P(late)") :]
    assert "0 to 10%" in table
    assert "90 to 100%" in table
    assert max(map(len, table.partition("written")[0].splitlines())) <= 80
    assert "all plans" in table
    assert "hedged" in table
    assert "static" not in table
    assert "</svg>" in figure.read_text(encoding="utf-8")


def test_differences_are_shown_with_intervals(profiled: Path, traces: Path) -> None:
    """A row for each policy but the one that it is compared with; who that may be is checked before."""
    arguments = ("replay", profiled, "--traces", traces, "--slowdown", "30", "--jobs", "1")
    shown = run(*arguments, "--policies", "static,expected,oracle", "--against", "expected")
    table = shown[shown.index("more than expected on the same traces") :]
    rows = [line.split() for line in table.splitlines() if line.strip()]
    assert [row[0] for row in rows if row[0] in POLICIES] == ["static", "oracle"]
    assert max(map(len, table.splitlines())) <= 80
    with pytest.raises(SystemExit):
        run(*arguments, "--policies", "static,oracle", "--against", "expected")
    with pytest.raises(SystemExit):
        run(*arguments, "--policies", "expected", "--against", "expected")


def test_a_narrow_terminal_is_told_what_is_left_out(profiled: Path, traces: Path) -> None:
    """No cell of either table is cut."""
    arguments = ("--traces", traces, "--slowdown", "30", "--policies", "expected,oracle", "--coverage")
    shown = run("replay", profiled, *arguments, "--jobs", "1", columns=60)
    assert "…" not in shown
    assert "Left out at 60 columns: switches/min, local" in shown
    assert "--csv FILE has them all" in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 60


def test_a_steady_link_wants_other_traces(profiled: Path, tmp_path: Path) -> None:
    """A slower device tells policies apart no more where the bandwidth never changes."""
    folder = tmp_path / "steady"
    folder.mkdir()
    (folder / "a.txt").write_text("".join(f"{second} 1\n" for second in range(9)), encoding="utf-8")
    arguments = ("--traces", folder, "--policies", "static,oracle", "--jobs", "1")
    assert "the bandwidth never changes" in " ".join(run("replay", profiled, *arguments).split())


def test_the_same_seed_gives_the_same_figures(profiled: Path) -> None:
    """Demo traces, whatever the number of processes; the paper's policy is not asked for, so no map is.

    The device's segments take a thousand times as long and its codecs ten times, so that the link counts.
    """
    file = profiled.parent / "device.yaml"
    profile = read_profile(
        file, "device", hashlib.sha256((file.parent / "network.onnx").read_bytes()).hexdigest()
    )
    slower = {
        task_of(row): replace(row.timing, medians_us=tuple(100 * us for us in row.timing.medians_us))
        for row in profile.segments
    }
    with_timings(profile, {task_of(row): slower.get(task_of(row), row.timing) for row in profile.rows}).write(
        file
    )
    slow = ("--slowdown", "10", "--hedge")
    shown = [
        run("replay", profiled, "--policies", "expected,oracle", "--seed", seed, "--jobs", jobs, *slow)
        for seed, jobs in (("1", "1"), ("1", "2"), ("2", "1"))
    ]
    assert shown[0] == shown[1] != shown[2]


def test_a_requirement_that_nothing_meets_is_refused(profiled: Path) -> None:
    """On no link is any plan in time: the message has the fastest one."""
    with pytest.raises(PlanError, match=r"no plan answers within .* on any link: the fastest, exit"):
        run("replay", profiled, "--latency-ms", "0.001")


def test_a_scale_moves_every_bandwidth(profiled: Path, traces: Path) -> None:
    """So slow that the edge is never asked."""
    oracle = ("--policies", "oracle", "--jobs", "1")
    shown = run("replay", profiled, "--traces", traces, "--scale", "1e-6", *oracle)
    assert "0.0%" in shown
    with pytest.raises(DataError, match="scaled by a number above 0, not by 0"):
        run("replay", profiled, "--traces", traces, "--scale", "0")


def test_what_is_missing_is_named(profiled: Path, traces: Path, tmp_path: Path) -> None:
    """A map, a policy, a forecast, traces."""
    with pytest.raises(PlanError, match=f"edgent map {profiled}`"):
        run("replay", profiled, "--traces", traces, "--policies", "paper")
    with pytest.raises(UnknownNameError, match="no policy 'papr'"):
        run("replay", profiled, "--traces", traces, "--policies", "papr")
    with pytest.raises(UnknownNameError, match="no forecast 'crystal'"):
        run("replay", profiled, "--traces", traces, "--policies", "expected", "--forecast", "crystal")
    with pytest.raises(DataError, match="no such folder"):
        run("replay", profiled, "--traces", tmp_path / "nowhere")


@pytest.mark.parametrize("name", shipped_pipelines())
def test_a_shipped_pipeline_is_replayed_out_of_the_box(name: str) -> None:
    """No options: demo traces, the spec's own map for the paper's policy, the reward of accuracy."""
    shown = run("replay", name, "--policies", "paper,oracle", "--jobs", "1")
    assert "5,980 inferences on 20 traces" in " ".join(shown.split())
    assert "for the reward 'accuracy'" in " ".join(shown.split())
    assert "paper" in [line.split()[0] for line in shown.splitlines() if line.strip()]
    assert "so nothing tells them apart" in shown


def test_policies_that_follow_no_map_need_none(profiled: Path, traces: Path) -> None:
    """A map of other requirements stops only those that follow it."""
    run("map", profiled, "--traces", traces, "--states", "3")
    write_values(profiled, {("latency_requirement_ms",): 33.0})
    assert "oracle" in run("replay", profiled, "--traces", traces, "--policies", "oracle", "--jobs", "1")
    with pytest.raises(StaleFileError, match="made for latency requirements"):
        run("replay", profiled, "--policies", "expected", "--forecast", "change-point", "--jobs", "1")


def test_without_a_map_the_policies_that_follow_one_are_left_out(
    profiled: Path, traces: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All others are replayed, and it is said."""
    replay(profiled, traces=traces, jobs=1)
    shown = capsys.readouterr()
    assert "left out: paper;" in shown.err
    assert f"edgent map {profiled}" in shown.err
    assert "hedged" in shown.out


def test_a_map_of_other_requirements_is_refused(profiled: Path, traces: Path) -> None:
    """The spec was changed after the map was made."""
    run("map", profiled, "--traces", traces, "--states", "3")
    write_values(profiled, {("latency_requirement_ms",): 33.0})
    with pytest.raises(StaleFileError, match=r"made for latency requirements of 20.* the spec lists 33"):
        run("replay", profiled, "--traces", traces)


def test_a_map_of_another_network_is_refused(profiled: Path, traces: Path) -> None:
    """Its digest tells."""
    run("map", profiled, "--traces", traces, "--states", "3")
    file = profiled.parent / "tiny" / "configuration_map.yaml"
    text = file.read_text(encoding="utf-8")
    at = text.index("model_sha256: ") + len("model_sha256: ")
    file.write_text(text[:at] + "f" * 64 + text[at + 64 :], encoding="utf-8")
    with pytest.raises(StaleFileError, match="made for a model with sha256 ffff"):
        run("replay", profiled, "--traces", traces)


def test_an_outage_all_along_is_replayed(profiled: Path, tmp_path: Path) -> None:
    """Zeros are legal; a single sample is too few, and left out where there are other traces."""
    folder = tmp_path / "outage"
    folder.mkdir()
    outage = '[{"duration_ms": 1000, "bandwidth_kbps": 0}, {"duration_ms": 1000, "bandwidth_kbps": 0}]'
    (folder / "a.json").write_text(outage, encoding="utf-8")
    names = ",".join(name for name in POLICIES if name != "paper")
    shown = run("replay", profiled, "--traces", folder, "--policies", names, "--jobs", "1")
    assert "nan" not in shown
    (folder / "b.json").write_text('[{"duration_ms": 5, "bandwidth_kbps": 1}]', encoding="utf-8")
    beside = ("replay", profiled, "--traces", folder, "--policies", names, "--jobs", "1")
    result = CliRunner().invoke(application, list(map(str, beside)), env={"COLUMNS": "80"})
    assert "left out: trace outage/b has 1 sample" in result.stderr
    assert result.stdout == shown
    (folder / "a.json").unlink()
    with pytest.raises(DataError, match="outage/b has 1 sample"):
        run(*beside)
