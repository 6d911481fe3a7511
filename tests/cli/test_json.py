"""``--json``: stdout is one document in SI units, whatever else there is to say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from edgent.bandwidth.trace_files import read_folder
from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.latency.loading import load_map
from edgent.network import Network
from edgent.planning.policies.registry import POLICIES
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run


def _document(edgent: Run, *arguments: object) -> Any:
    done = edgent(*arguments, "--json")
    assert done.code == 0, done.errors
    assert "\x1b" not in done.output + done.errors
    return json.loads(done.output)


def test_show(edgent: Run, lenet: Path) -> None:
    """Every exit with the layers of its path; shapes, bytes and work are the graph's."""
    shown = _document(edgent, "show", lenet)
    graph = Network.open(read_spec(lenet)).graph
    assert (shown["name"], shown["model_sha256"]) == ("lenet", graph.sha256)
    assert shown["input"] == {"name": "image", "shape": [1, 28, 28], "dtype": "uint8", "size_bytes": 784}
    assert [exit_["name"] for exit_ in shown["exits"]] == ["exit1", "exit2"]
    for exit_, path in zip(shown["exits"], graph.paths, strict=True):
        assert [layer["output_bytes"] for layer in exit_["layers"]] == [
            layer.output_bytes for layer in path.layers
        ]
        assert exit_["macs"] == sum(layer["macs"] for layer in exit_["layers"]) == path.macs
        assert 0 < exit_["accuracy"] < 1
    assert [edge["inference_url"] for edge in shown["edges"]] == ["http://127.0.0.1:8080"]


def test_show_of_feature_codecs(edgent: Run) -> None:
    """What each reads, gives and sends."""
    shown = _document(edgent, "show", "flowers")
    assert shown["feature_codecs"]
    for codec in shown["feature_codecs"]:
        assert codec["direction"] in {"up", "down"}
        assert 0 < codec["size_bytes"] <= codec["size_p95_bytes"]


def test_traces(edgent: Run, traces: Path) -> None:
    """A row for each set and direction."""
    (one,) = _document(edgent, "traces", traces)
    recorded = read_folder(traces, ReadingOptions()).read
    assert (one["set"], one["traces"]) == (traces.name, 5)
    assert one["duration_s"] == pytest.approx(sum(read.trace.total_s for read in recorded))
    assert one["p5_bps"] <= one["p50_bps"] <= one["p95_bps"]


def test_map(edgent: Run, profiled: Path, tmp_path: Path) -> None:
    """What the file holds, and which file; what is written is said on stderr."""
    done = edgent("map", profiled, "--states", 3, "--json", "--plot", tmp_path / "new" / "map.svg")
    assert done.code == 0, done.errors
    made, read = json.loads(done.output), load_map(Network.open(read_spec(profiled)))
    assert read is not None
    assert made["file"] == str(profiled.parent / "tiny" / "configuration_map.yaml")
    assert made["latency_requirements_s"] == pytest.approx(read.latency_requirements_s)
    assert [state["mean_bps"] for state in made["states"]] == pytest.approx(
        [state.mean_bps for state in read.states]
    )
    for state, row in zip(made["states"], read.entries, strict=True):
        assert [plan["plan"] for plan in state["plans"]] == [str(entry.plan) for entry in row]
    assert f"written: {tmp_path / 'new' / 'map.svg'}" in done.errors
    assert f"written: {made['file']}" in done.errors


def test_replay(edgent: Run, profiled: Path, traces: Path, tmp_path: Path) -> None:
    """Every policy's figures; how often predictions came true where that is asked for."""
    table = tmp_path / "new" / "figures.csv"
    given = ("replay", profiled, "--traces", traces, "--slowdown", 30, "--jobs", 1, "--latency-ms", 15)
    plain = _document(edgent, *given, "--csv", table)
    assert (plain["traces"], plain["latency_requirement_s"], plain["coverage"]) == (5, 0.015, {})
    by_name = {policy["policy"]: policy for policy in plain["policies"]}
    assert {name for name, entry in POLICIES.items() if not entry.needs_map} == set(by_name)
    assert by_name["oracle"]["late_share"] <= by_name["static"]["late_share"]
    assert by_name["oracle"]["throughput_hz"] > 0
    assert table.is_file()
    asked = ("slowdown", "reward", "forecast", "scale", "seed", "hedged")
    assert [plain[key] for key in asked] == [30, "accuracy", "moving-average", 1, None, False]
    assert plain["differences"] == []
    covered = _document(edgent, *given, "--coverage")["coverage"]
    assert sum(row["predictions"] for row in covered["all plans"]) > 0
    assert all(0 <= row["late_share"] <= 1 for row in covered["all plans"])


def test_replay_against_a_policy(edgent: Run, profiled: Path, traces: Path) -> None:
    """Means and intervals of what every other policy has more."""
    given = ("replay", profiled, "--traces", traces, "--slowdown", 30, "--jobs", 1, "--latency-ms", 15)
    shown = _document(edgent, *given, "--policies", "static,expected,oracle", "--against", "oracle")
    assert [(one["policy"], one["against"]) for one in shown["differences"]] == [
        ("static", "oracle"),
        ("expected", "oracle"),
    ]
    rewards = {one["policy"]: one["accuracy_reward"] for one in shown["policies"]}
    for one in shown["differences"]:
        assert one["reward"]["mean"] == pytest.approx(rewards[one["policy"]] - rewards["oracle"])
        assert one["reward"]["low"] <= one["reward"]["mean"] <= one["reward"]["high"] <= 1e-12


def test_evaluate(edgent: Run, lenet: Path) -> None:
    """What exits reach, and every codec at every crossing."""
    found = _document(edgent, "evaluate", lenet, "--budget-s", 0.5)
    stated = {exit_.name: exit_.accuracy for exit_ in read_spec(lenet).exits}
    assert {exit_["exit"]: round(exit_["accuracy"], 4) for exit_ in found["exits"]} == stated
    assert found["measure"] == "accuracy"
    assert {codec["kind"] for codec in found["codecs"]} == {"input", "activation"}
    sizes = [codec["size_bytes"] for codec in found["codecs"]]
    assert sizes == sorted(sizes)


def test_an_exit_rule(edgent: Run, lenet: Path) -> None:
    """Thresholds, and what leaves where; no file where nothing may leave."""
    found = _document(edgent, "evaluate", lenet, "--exit-rule", "--loss", 0.02)
    assert (found["loss"], found["exits"][-1]["threshold"]) == (0.02, None)
    assert sum(exit_["share"] for exit_ in found["exits"]) == pytest.approx(1.0)
    assert sum(exit_["right_share"] for exit_ in found["exits"]) == pytest.approx(found["accuracy"])
    assert found["file"] == str(lenet.parent / "lenet" / "exit_rule.yaml")
    strict = _document(edgent, "evaluate", lenet, "--exit-rule", "--loss", 0.0001)
    assert (strict["file"], strict["exits"][0]["threshold"]) == (None, None)


def test_capacity_keeps_stdout_for_the_document(edgent: Run, profiled: Path, tmp_path: Path) -> None:
    """A picture is said on stderr."""
    figure = tmp_path / "capacity.svg"
    given = ("--devices", 20, "--edges", 1, "--workers", 2, "--bandwidth-kbps", 1000, "--jobs", 1)
    done = edgent("capacity", profiled, *given, "--plot", figure, "--json")
    assert [row["devices"] for row in json.loads(done.output)] == [20]
    assert f"written: {figure}" in done.errors


def test_plan_keeps_stdout_for_the_document(edgent: Run, lenet: Path) -> None:
    """Explanations go to stderr."""
    done = edgent("plan", lenet, "--bandwidth-kbps", 500, "--explain", "--json")
    assert json.loads(done.output)["link"]["upload_bps"] == 500_000
    assert "exit" in done.errors
