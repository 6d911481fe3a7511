"""Figures over several traces, the table, the CSV file and the picture."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from edgent.bandwidth.traces import BandwidthTrace
from edgent.replay.conditions import Conditions
from edgent.replay.contenders import contender
from edgent.replay.figures import Figures, figures_by_policy
from edgent.replay.simulator import Replay, replay
from edgent.show.replay_csv import write_csv
from edgent.show.replay_figure import replay_figure
from edgent.show.replay_table import least_first, nothing_to_tell_apart, replay_table


@pytest.fixture
def replays(trace: Callable[..., BandwidthTrace], conditions: Conditions) -> Sequence[tuple[Replay, ...]]:
    """Two policies on two traces of three and one steps."""
    traces = (trace(1e6, 8e6, 1e5, 8e6, name="set/a"), trace(8e6, 8e6, name="set/b"))
    policies = [contender(name, conditions) for name in ("last-value", "oracle")]
    return [tuple(replay(trace, policy, conditions) for policy in policies) for trace in traces]


def test_figures_are_means_over_all_steps(replays: Sequence[tuple[Replay, ...]]) -> None:
    """Not over traces: a long trace counts for more."""
    last, oracle = figures_by_policy(replays)
    assert (last.policy, last.steps) == ("last-value", 4)
    assert last.late_share == 0.25
    assert last.avoidable_late_share == 0.25
    assert oracle.late_share == 0.0
    assert last.accuracy == pytest.approx((0.8 + 0.8 + 0.5 + 0.8) / 4)
    assert last.switches_per_minute == pytest.approx(1 / (4 / 60))
    at_once_s = [row[0].latency_s[~row[0].late] for row in replays]
    assert last.latency_s == pytest.approx(np.concatenate(at_once_s).mean())
    of_steps = [reward for row in replays for reward in row[0].reward(1.0).tolist()]
    assert last.paper_reward == pytest.approx(sum(of_steps) / 4)


def test_latency_is_beside_the_oracles_for_the_same_inputs(replays: Sequence[tuple[Replay, ...]]) -> None:
    """Where both are in time; an input for which one was late tells nothing of how quick they are."""
    oracle = replays[0][1]
    assert not oracle.late.any()
    slower = replace(oracle, policy="slower", latency_s=np.array([2.0, 1.0, 1.5]) * oracle.latency_s)
    late = replace(slower, latency_s=np.array([np.inf, *slower.latency_s[1:].tolist()]))
    slow, with_late, best = figures_by_policy([(slower, late, oracle)])
    assert not slower.late.any()
    assert slow.latency_over_oracle == pytest.approx(slower.latency_s.sum() / oracle.latency_s.sum())
    assert with_late.latency_over_oracle == pytest.approx(
        slower.latency_s[1:].sum() / oracle.latency_s[1:].sum()
    )
    assert best.latency_over_oracle == 1.0
    never = replace(slower, latency_s=np.full(3, np.inf))
    assert figures_by_policy([(never, oracle)])[0].latency_over_oracle is None
    assert figures_by_policy([(never,)])[0].latency_s is None


def test_without_an_oracle_nothing_is_compared(replays: Sequence[tuple[Replay, ...]]) -> None:
    """Its share and the late answers that it would have avoided stay open."""
    (last,) = figures_by_policy([row[:1] for row in replays])
    assert last.avoidable_late_share is None
    assert "%)" not in _printed([last])


def _printed(figures: Sequence[Figures], throughput_weight: float = 0.0) -> str:
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(replay_table(figures, "title", throughput_weight))
    return console.export_text()


@pytest.mark.parametrize(
    ("weight", "said"), [(0.0, "exp(accuracy) if"), (1.0, "exp(accuracy) + answers a second if")]
)
def test_the_reward_that_was_striven_for_is_shown_and_named(
    replays: Sequence[tuple[Replay, ...]], weight: float, said: str
) -> None:
    """No other one: a share of the oracle's would mean nothing."""
    oracle = figures_by_policy(replays)[1]
    text = _printed([oracle], weight)
    shown, other = f"{oracle.accuracy_reward:.3f}", f"{oracle.paper_reward:.1f}"
    assert said in text
    assert ((shown in text), (other in text)) == ((True, False) if weight == 0 else (False, True))


def test_accuracy_has_the_name_of_its_measure(replays: Sequence[tuple[Replay, ...]]) -> None:
    """In its column, which a narrow terminal does without, and in the reward; in the figure, too."""
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(replay_table(figures_by_policy(replays), "title", 0.0, "agreement"))
    text = console.export_text()
    assert "reward: exp(agreement) if in time" in text
    assert "accuracy" not in text
    assert "agreement" in least_first("agreement")
    _, of_reward = replay_figure(replays, 1.0, "agreement").axes
    assert "exp(agreement) + answers a second" in of_reward.get_xlabel()


def test_policies_that_do_the_same_are_said_to(
    replays: Sequence[tuple[Replay, ...]], conditions: Conditions
) -> None:
    """With what would tell them apart; not where one of them ever did something else."""
    table = conditions.table
    assert nothing_to_tell_apart(replays, table, is_steady=False) is None
    same = [tuple(replace(one, candidate=np.zeros_like(one.candidate)) for one in row) for row in replays]
    said = nothing_to_tell_apart(same, table, is_steady=False)
    assert said is not None
    assert f"Every policy chose {conditions.table.plans[0]} at every step" in said
    assert "--slowdown" in said
    steady = nothing_to_tell_apart(same, table, is_steady=True)
    assert steady is not None
    assert "the bandwidth never changes. Traces on which it does" in steady
    assert "--slowdown" not in steady
    assert nothing_to_tell_apart([row[:1] for row in same], table, is_steady=False) is None


def test_the_table_fits_a_terminal(replays: Sequence[tuple[Replay, ...]]) -> None:
    """Eighty columns and nothing cut off."""
    text = _printed(figures_by_policy(replays))
    assert "(100.0%)" in text
    assert "25.0%" in text
    assert "(1.00x)" in text
    assert "…" not in text
    quick = [replace(one, latency_s=4e-5) for one in figures_by_policy(replays)]
    assert "0.040 (1.00x)" in _printed(quick), "and no digit is missing"


def test_the_csv_has_a_line_for_each_trace_and_policy(
    replays: Sequence[tuple[Replay, ...]], tmp_path: Path
) -> None:
    """Read back with the standard library."""
    write_csv(tmp_path / "figures.csv", replays)
    with (tmp_path / "figures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["trace"], row["policy"], row["steps"]) for row in rows] == [
        ("set/a", "last-value", "3"),
        ("set/a", "oracle", "3"),
        ("set/b", "last-value", "1"),
        ("set/b", "oracle", "1"),
    ]
    assert float(rows[0]["late_share"]) == pytest.approx(1 / 3)


def test_the_figure_has_a_line_for_each_policy(replays: Sequence[tuple[Replay, ...]], tmp_path: Path) -> None:
    """Two distributions with axes that are named, every one rising to 1."""
    figure = replay_figure(replays, 1.0)
    for axes in figure.axes:
        assert axes.get_xlabel()
        assert [line.get_label() for line in axes.get_lines()] == ["last-value", "oracle"]
        for line in axes.get_lines():
            assert np.asarray(line.get_ydata())[-1] == 1.0
    figure.savefig(tmp_path / "figure.png")
