"""``edgent plan``: what it prints, and one sentence for each mistake."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.latency.loading import load_cost_table
from edgent.network import Network
from edgent.planning.link import HIGHEST_BANDWIDTH_BPS, Link
from edgent.planning.paper.exit_search import paper_space
from edgent.spec import read_spec
from edgent.units import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.command_fixtures import Run


def test_a_table_over_the_range(edgent: Run, lenet: Path) -> None:
    """A row for each round bandwidth; requirements that come to the same plan share it."""
    done = edgent("plan", lenet)
    assert done.code == 0, done.errors
    rows = [line.split() for line in done.output.splitlines() if "bps" in line]
    assert [" ".join(row[:2]) for row in rows] == [
        "50 kbps",
        "100 kbps",
        "200 kbps",
        "500 kbps",
        "1 Mbps",
        "2 Mbps",
        "5 Mbps",
        "10 Mbps",
    ]
    assert all(row[2:] == ["50", "to", "1000", "ms", "exit2:p0", row[-1]] for row in rows)
    tight = edgent("plan", lenet, "--slowdown", 1000)
    assert len([line for line in tight.output.splitlines() if " ms " in line]) > 8


def test_one_link_in_detail(edgent: Run, lenet: Path) -> None:
    """The choice, the next, the parts, what beats what; and why, in two sentences."""
    arguments = ("plan", lenet, "--bandwidth-kbps", 1000, "--slowdown", 300, "--explain")
    done = edgent(*arguments, "--top", 3)
    assert done.code == 0, done.errors
    for word in ("chosen", "next", "round trip", "upload", "edge", "device", "accuracy", "less back"):
        assert word in done.output
    assert len([line for line in done.output.splitlines() if line.strip().startswith("next")]) == 2
    said = done.output[done.output.index("exit2 is the deepest exit") :]
    assert len(re.findall(r"\.(?:\s|$)", said)) == 2


def test_json_adds_up(edgent: Run, lenet: Path) -> None:
    """The parts sum to the latency, which is within the requirement if it says so."""
    done = edgent("plan", lenet, "--bandwidth-kbps", 5000, "--slowdown", 300, "--json")
    assert done.code == 0, done.errors
    found = json.loads(done.output)
    assert found["link"]["upload_bps"] == 5e6
    assert sum(found["parts"].values()) == pytest.approx(found["latency_s"])
    assert found["meets_requirement"] == (found["latency_s"] <= found["latency_requirement_s"])
    over_range = json.loads(edgent("plan", lenet, "--json").output)
    assert len(over_range) == 8 * 5
    assert {tuple(situation) for situation in over_range} == {tuple(found)}
    assert {situation["plans"] for situation in over_range} == {None}


def test_json_has_every_key(edgent: Run, lenet: Path) -> None:
    """Null where there is nothing: no plan of the paper's in time, no inputs that leave early."""
    link = ("plan", lenet, "--bandwidth-kbps", 50, "--slowdown", 1000, "--json")
    ours = json.loads(edgent(*link).output)
    tight = (*link, "--latency-ms", 1e3 * ours["latency_s"] * 1.01, "--algorithm", "paper")
    paper = json.loads(edgent(*tight).output)
    assert set(paper) == set(ours)
    front = json.loads(edgent(*link, "--pareto").output)
    assert {tuple(plan) for plan in front} == {tuple(ours["plans"][0])}
    assert ours["in_the_mean"] is front[0]["in_the_mean"] is None


def _documented(kind: str) -> set[str]:
    """The keys in the first column of the reference's table of one kind of object."""
    page = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"
    table = page.read_text(encoding="utf-8").partition(f"| key of a {kind} |")[2].partition("\n\n")[0]
    return {key for row in table.splitlines()[2:] for key in re.findall(r"`(\w+)`", row.split("|")[1])}


@pytest.mark.full
def test_json_is_as_the_reference_says(edgent: Run, lenet: Path) -> None:
    """Each kind of object has the keys of its table, and each document the objects that the options say."""
    link = ("plan", lenet, "--bandwidth-kbps", 5000, "--slowdown", 300, "--json")
    situation, front = json.loads(edgent(*link).output), json.loads(edgent(*link, "--pareto").output)
    over_range = json.loads(edgent("plan", lenet, "--json").output)
    for one in (situation, *over_range):
        assert set(one) == _documented("situation")
    for plan in (*situation["plans"], *front):
        assert set(plan) == _documented("plan")
    first = situation["plans"][0]
    assert (situation["plan"], situation["accuracy"]) == (first["plan"], first["accuracy"])
    assert situation["latency_s"] == pytest.approx(first["latency_s"])


def test_the_paper_never_stays_on_the_edge(edgent: Run, lenet: Path) -> None:
    """Where the device is slow ours runs all on the edge, the paper's leaves at least one layer out."""
    arguments = ("plan", lenet, "--bandwidth-kbps", 10_000, "--slowdown", 1000, "--json")
    assert json.loads(edgent(*arguments).output)["plan"].startswith("exit2:p12")
    assert json.loads(edgent(*arguments, "--algorithm", "paper").output)["plan"] != "exit2:p12"


def test_the_papers_plan_is_explained_from_the_papers_plans(edgent: Run, lenet: Path) -> None:
    """It is compared with no edge-only plan and no codec that the paper does not consider."""
    arguments = ("plan", lenet, "--bandwidth-kbps", 20_000, "--slowdown", 300, "--explain")
    ours = " ".join(edgent(*arguments).output.split())
    paper = " ".join(edgent(*arguments, "--algorithm", "paper").output.split())
    assert "All of it runs on the edge" in ours
    assert "run on the edge, the rest on the device" in paper
    assert "the edge alone" not in paper.partition("run on the edge")[2]


def test_two_profiles_of_one_machine_are_said_to_be(edgent: Run, lenet: Path) -> None:
    """And what --slowdown is for; not where it is given, nor where a device of its own was profiled."""
    assert "--slowdown 30 plans for a device thirty times as slow" in " ".join(
        edgent("plan", lenet).output.split()
    )
    assert "one machine" not in edgent("plan", lenet, "--slowdown", 30).output
    device = lenet.parent / "lenet" / "device.yaml"
    text = device.read_text(encoding="utf-8")
    assert "    cores: '2'" in text
    device.write_text(text.replace("    cores: '2'", "    cores: '4'"), encoding="utf-8")
    assert "one machine" not in edgent("plan", lenet).output


def test_no_plan_in_time_is_marked(edgent: Run, lenet: Path) -> None:
    """Ours gives the fastest and says so; the paper's gives NULL. Neither is a mistake of the user's."""
    candidates = load_cost_table(Network.open(read_spec(lenet)), slowdown=1000)
    links = [Link(0.002, bps, bps) for bps in (5e4, HIGHEST_BANDWIDTH_BPS)]
    slow, fast = (candidates.latency_s(link)[paper_space(candidates)].min() for link in links)
    latency_ms = 1e3 * math.sqrt(slow * fast)
    arguments = ("plan", lenet, "--bandwidth-kbps", 50, "--slowdown", 1000, "--latency-ms", latency_ms)
    done = edgent(*arguments)
    assert done.code == 0, done.errors
    assert (
        f"No plan answers within {milliseconds(latency_ms / 1e3)} at 50 kbps: the fastest was chosen"
        in done.output
    )
    assert "NULL" in edgent(*arguments, "--algorithm", "paper").output


def test_the_papers_fastest_plan_is_one_of_the_papers(edgent: Run, lenet: Path) -> None:
    """Where edge-only alone would be in time, the paper's algorithm has nothing on any link."""
    candidates = load_cost_table(Network.open(read_spec(lenet)), slowdown=1000)
    latency = candidates.latency_s(Link(0.002, HIGHEST_BANDWIDTH_BPS, HIGHEST_BANDWIDTH_BPS))
    ours, paper = (1e3 * latency[plans].min() for plans in (latency > 0, paper_space(candidates)))
    assert ours < paper
    between = ("plan", lenet, "--slowdown", 1000, "--latency-ms", (ours + paper) / 2)
    assert edgent(*between).code == 0
    done = edgent(*between, "--algorithm", "paper")
    assert done.code == 2
    fastest = candidates.plans[int(np.where(paper_space(candidates), latency, np.inf).argmin())]
    assert f"the fastest, {fastest}, takes" in " ".join(done.errors.split())


def test_a_picture(edgent: Run, lenet: Path, tmp_path: Path) -> None:
    """It is a PNG file."""
    done = edgent("plan", lenet, "--slowdown", 300, "--plot", tmp_path / "plan.png")
    assert done.code == 0, done.errors
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")


def _add(spec: Path, lines: str) -> None:
    spec.write_text(spec.read_text(encoding="utf-8") + lines, encoding="utf-8")


def test_windows_in_a_spec_are_planned(edgent: Run, lenet: Path) -> None:
    """An input that stays leaves the device the first layers; what was ruled out is said."""
    _add(lenet, "windows: true\nplacement: {input_stays: true, prefer: edge}\n")
    arguments = ("plan", lenet, "--bandwidth-kbps", 50_000, "--slowdown", 100, "--explain")
    done = edgent(*arguments)
    assert done.code == 0, done.errors
    [chosen] = [line for line in done.output.splitlines() if line.strip().startswith("chosen")]
    assert re.search(r"exit\d:p[1-9]\d*-p\d+", chosen)
    assert "is of the deepest exit, and leaves the device the least to do," in done.output
    assert re.search(
        r"placement.input_stays rules out \d+ of \d+ plans. Without rules it would be exit", done.output
    )
    paper = json.loads(edgent(*arguments[:-1], "--algorithm", "paper", "--json").output)
    assert "-" not in paper["plan"]


def test_the_front(edgent: Run, lenet: Path, tmp_path: Path) -> None:
    """A table, JSON, and a picture."""
    _add(lenet, "windows: true\n")
    arguments = ("plan", lenet, "--bandwidth-kbps", 5000, "--slowdown", 20, "--pareto")
    done = edgent(*arguments, "--plot", tmp_path / "front.png")
    assert done.code == 0, done.errors
    assert "plans that none beats" in done.output
    assert (tmp_path / "front.png").read_bytes().startswith(b"\x89PNG")
    front = json.loads(edgent(*arguments, "--json").output)
    assert {"plan", "latency_s", "accuracy", "edge_s", "device_s"} <= set(front[0])
    assert len(front) > 3


def test_another_objective_than_the_spec_s(edgent: Run, lenet: Path) -> None:
    """With a floor, as in a spec, which stays as it is."""
    before = lenet.read_bytes()
    link = ("--bandwidth-kbps", 1000, "--json", "--objective", "latency")
    quickest = json.loads(edgent("plan", lenet, *link).output)
    assert quickest["plan"] == "exit1:p0"
    assert quickest["reason"].startswith("takes the least time of all")
    floor = json.loads(edgent("plan", lenet, *link, "--least-accuracy", 0.99).output)
    assert floor["plan"] == "exit2:p0"
    assert lenet.read_bytes() == before


@pytest.mark.parametrize("columns", ["60", "80", "120"])
@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--bandwidth-kbps", 500],
        ["--bandwidth-kbps", 500, "--pareto"],
    ],
)
@pytest.mark.parametrize("pipeline", ["lenet", "alexnet", "flowers"])
def test_tables_fit_a_narrow_terminal(
    edgent: Run, pipeline: str, options: list[object], columns: str
) -> None:
    """No line is too long and no cell is cut; what was left out is named."""
    done = edgent("plan", pipeline, "--slowdown", 30, *options, COLUMNS=columns)
    assert done.code == 0, done.errors
    table = done.output.partition("whatever the link")[0].splitlines()
    assert max(map(len, table)) <= int(columns)
    assert "…" not in done.output
    is_cut = options == ["--bandwidth-kbps", 500]
    assert (f"Left out at {columns} columns: beaten on every link by, " in done.output) == is_cut


def test_sentences_are_wrapped_and_commands_are_not(edgent: Run) -> None:
    """A command is there to be copied."""
    arguments = ("plan", "lenet", "--bandwidth-kbps", 500, "--explain")
    done = edgent(*arguments, COLUMNS="60")
    assert "exit2 is the deepest exit" in done.output
    assert max(map(len, done.output.splitlines())) <= 60
    assert re.search(r"edgent profile \S+ --node device", edgent("plan", "lenet", COLUMNS="60").output)


def test_what_is_planned_on_a_steady_link_is_said(edgent: Run, lenet: Path) -> None:
    """Wherever the spec's link moves; of plans that leave early there is more to say."""
    said, more = (
        "Planned as on a steady link: bandwidth.environment is dynamic",
        "chance and hedged take a +early",
    )
    without = " ".join(edgent("plan", lenet).output.split())
    assert said in without
    assert more not in without
    steady = lenet.with_name("steady.yaml")
    text = lenet.read_text(encoding="utf-8")
    steady.write_text(text.replace("environment: dynamic", "environment: static"), encoding="utf-8")
    assert said not in " ".join(edgent("plan", steady).output.split())
    assert edgent("evaluate", lenet, "--exit-rule", "--loss", 0.02).code == 0
    done = edgent("plan", lenet, "--slowdown", 300)
    assert all(words in " ".join(done.output.split()) for words in (said, more))
    assert all(heading in done.output for heading in ("worst", "mean"))
    [front, *_] = json.loads(edgent("plan", lenet, "--bandwidth-kbps", 500, "--pareto", "--json").output)
    assert front["in_the_mean"]["latency_s"] <= front["latency_s"]
    chosen = json.loads(edgent("plan", lenet, "--bandwidth-kbps", 500, "--json", "--top", 4).output)
    listed = {plan["plan"]: plan for plan in chosen["plans"]}
    assert len(listed) >= 4
    assert listed[chosen["plan"]]["in_the_mean"] == chosen["in_the_mean"]
    assert all(plan["in_the_mean"]["latency_s"] > 0 for plan in listed.values())
    shown = edgent("plan", lenet, "--bandwidth-kbps", 500, "--pareto").output
    assert re.search(r"worst +mean +accuracy", shown)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--bandwidth-kbps", 0], "Invalid value for '--bandwidth-kbps'"),
        (["--bandwidth-kbps", -5], "Invalid value for '--bandwidth-kbps'"),
        (["--bandwidth-kbps", "nan"], "Invalid value for '--bandwidth-kbps'"),
        (["--bandwidth-kbps", 1e15], "upload_bps is 1e+18; expected 0 to 1e+12 bits per second"),
        (["--bandwidth-kbps", 100, "--download-kbps", 0], "Invalid value for '--download-kbps'"),
        (["--bandwidth-kbps", 100, "--latency-ms", 1e-3], "no plan answers within"),
        (["--latency-ms", 1e-3], "no plan answers within"),
        (["--latency-ms", 1e-3, "--algorithm", "paper"], "with this algorithm no plan answers within"),
        (["--latency-ms", 0], "Invalid value for '--latency-ms'"),
        (["--latency-ms", "nan"], "Invalid value for '--latency-ms'"),
        (["--round-trip-ms", -1], "round_trip_s is -0.001; expected 0"),
        (["--explain"], "a link is needed for --explain: give --bandwidth-kbps as well"),
        (["--pareto"], "a link is needed for --pareto: give --bandwidth-kbps as well"),
        (["--bandwidth-kbps", 100, "--pareto", "--explain"], "--pareto lists plans, and --explain"),
        (["--least-accuracy", 0.9], "least accuracy 0.9 says nothing beside the objective accuracy"),
        (["--least-accuracy", 1.5], "Invalid value for '--least-accuracy'"),
        (["--objective", "foo"], "'--objective': 'foo' is not one of"),
        (["--objective", "bytes", "--algorithm", "paper"], "belong to --algorithm ours"),
    ],
)
def test_mistakes_in_options(edgent: Run, lenet: Path, options: list[object], message: str) -> None:
    """One sentence, exit code 2."""
    done = edgent("plan", lenet, *options)
    assert (done.code, done.output) == (2, "")
    assert message in done.errors


def _without_regressors(spec: Path) -> None:
    lines = spec.read_text(encoding="utf-8").splitlines()
    spec.write_text("\n".join(line for line in lines if not line.startswith("regressors")), encoding="utf-8")


def _without_the_edge(spec: Path) -> None:
    (spec.parent / "lenet" / "edge.yaml").unlink()


def _profile_of_another_model(spec: Path) -> None:
    profile = spec.parent / "lenet" / "device.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(re.sub(r"model_sha256: \w{64}", f"model_sha256: {'ab' * 32}", text), encoding="utf-8")


def _unknown_codec(spec: Path) -> None:
    spec.write_text(spec.read_text(encoding="utf-8").replace("[raw, webp]", "[raw, gzip]"), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "messages"),
    [
        (_without_regressors, ["nothing to plan from", "edgent profile"]),
        (_without_the_edge, ["edge.yaml", "edgent profile SPEC --node edge"]),
        (_profile_of_another_model, ["made for a model with sha256 abab", "--node device"]),
        (_unknown_codec, ["codecs.input", "no codec 'gzip'; there are file, float32, jpeg, raw, uint4, "]),
    ],
)
def test_mistakes_in_files(
    edgent: Run, lenet: Path, spoil: Callable[[Path], None], messages: list[str]
) -> None:
    """One sentence that names the file or key and the command, exit code 2."""
    spoil(lenet)
    done = edgent("plan", lenet)
    assert (done.code, done.output) == (2, "")
    for message in messages:
        assert message in done.errors
