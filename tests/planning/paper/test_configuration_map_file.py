"""The configuration map's file: written, read back, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.bandwidth.change_point import ChangePointPrior
from edgent.errors import StaleFileError
from edgent.generated_file import Provenance
from edgent.planning.cost_table import CostTable
from edgent.planning.paper.configuration_map import ConfigurationMap, build_configuration_map
from edgent.planning.paper.configuration_map_file import read_map, write_map

DIGEST = "ab" * 32


@pytest.fixture
def configuration_map(branchy: CostTable) -> ConfigurationMap:
    """Two states, two requirements."""
    states = [
        BandwidthState(mean, 0.1, 0.5, tuple(mean * q for q in QUANTILE_LEVELS), (0.9, 0.1))
        for mean in (1e5, 1e7)
    ]
    made_by = Provenance(DIGEST, "edgent map alexnet.yaml", "2026-01-01T00:00:00+00:00", {"edgent": "0"}, {})
    prior = ChangePointPrior(hazard=0.1)
    return build_configuration_map(branchy, states, [0.05, 0.2], prior, made_by, round_trip_s=0.001)


@pytest.fixture
def file(configuration_map: ConfigurationMap, tmp_path: Path) -> Path:
    """The map, written."""
    path = tmp_path / "made" / "map.yaml"
    write_map(path, configuration_map)
    return path


def spoil(file: Path, key: str, value: Any, state: int | None = None) -> None:
    """Give a key of the file, or of one of its states, another value."""
    values = yaml.safe_load(file.read_text(encoding="utf-8"))
    (values if state is None else values["states"][state])[key] = value
    file.write_text(yaml.safe_dump(values), encoding="utf-8")


def test_what_is_written_is_read_back(configuration_map: ConfigurationMap, file: Path) -> None:
    """Through YAML and back, to the last but one digit; the order of the spec's requirements is free."""
    again = read_map(file, DIGEST, [0.2, 0.05])
    assert again.made_by == configuration_map.made_by
    assert again.prior == configuration_map.prior
    assert [[e.plan for e in row] for row in again.entries] == [
        [e.plan for e in row] for row in configuration_map.entries
    ]
    assert [s.mean_bps for s in again.states] == pytest.approx([1e5, 1e7])
    assert again.latency_requirements_s == pytest.approx((0.05, 0.2))
    for row, written in zip(again.entries, configuration_map.entries, strict=True):
        assert [e.reward for e in row] == pytest.approx([e.reward for e in written])
        assert [e.latency_s for e in row] == pytest.approx([e.latency_s for e in written])


def test_a_map_for_another_network_is_stale(file: Path) -> None:
    """The message has both digests and the command that makes it again."""
    with pytest.raises(
        StaleFileError, match=r"map.yaml was made for a model with sha256 abab.*has cdcd.*`edgent map"
    ):
        read_map(file, "cd" * 32, [0.05, 0.2])


@pytest.mark.parametrize("listed", [[0.05], [0.05, 0.1], [0.05, 0.2, 0.5]])
def test_a_map_for_other_requirements_is_stale(file: Path, listed: list[float]) -> None:
    """The message lists both."""
    with pytest.raises(StaleFileError, match="latency requirements of 50, 200 ms, the spec lists 50"):
        read_map(file, DIGEST, listed)


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("latency_requirements_ms", [], r"latency_requirements_ms: .* at least 1 item"),
        (
            "latency_requirements_ms",
            [200.0, 50.0],
            r"latency_requirements_ms should rise, not be \[200.0, 50.0\]",
        ),
        ("latency_requirements_ms", [50.0], "states.0 has 2 plans for 1 latency requirements"),
        ("latency_requirements_ms", [50.0, float("nan")], r"latency_requirements_ms.1: .*finite.*, not nan"),
        ("next_quantile_levels", [0.5], r"next_quantile_levels should be \[0.01, "),
        ("states", [], "states: .* at least 1 item"),
        ("states", [{}], r"states.0.mean_kbps: required, but not there \(and 6 more problems\)"),
        ("states", "none", "states: input should be a valid array, not 'none'"),
        ("change_point_prior", None, "change_point_prior: input should be an object, not None"),
        ("change_point_prior", {"hazard": 2.0}, "a prior needs .* 0 < hazard < 1; got"),
        ("change_point_prior", {"danger": 0.1}, "change_point_prior.danger: unknown key"),
    ],
)
def test_what_is_no_map_is_refused(file: Path, key: str, value: Any, problem: str) -> None:
    """The message has the place and the problem; whatever it is, the remedy is to make the map again."""
    spoil(file, key, value)
    with pytest.raises(StaleFileError, match=rf"map.yaml: {problem}.*; run `edgent map"):
        read_map(file, DIGEST, [0.05, 0.2])


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("mean_kbps", -1.0, "states.0.mean_kbps: input should be greater than 0, not -1.0"),
        ("mean_kbps", True, "states.0.mean_kbps: input should be a valid number, not True"),
        ("mean_kbps", 1e9, r"means of the states should rise, not be \[1000000000.0, 10000.0\]"),
        ("next_quantiles_kbps", [1.0], "states.0.next_quantiles_kbps: .* at least 13 items"),
        ("plans", [], "states.0 has 0 plans for 2 latency requirements"),
        (
            "plans",
            [{"plan": "exit1", "reward": 1, "latency_ms": ms} for ms in (1, 2)],
            "'exit1' is no plan; expected",
        ),
        ("plans", [{"plan": "exit1:p1", "reward": 1, "latency_ms": 0}], "states.0.plans.0.latency_ms: "),
    ],
)
def test_a_state_that_is_none_is_refused(file: Path, key: str, value: Any, problem: str) -> None:
    """Also inside a state."""
    spoil(file, key, value, state=0)
    with pytest.raises(StaleFileError, match=rf"map.yaml: {problem}"):
        read_map(file, DIGEST, [0.05, 0.2])


def test_a_missing_map_is_made_by_a_command(tmp_path: Path) -> None:
    """The message names it."""
    with pytest.raises(StaleFileError, match="`edgent map SPEC`"):
        read_map(tmp_path / "map.yaml", DIGEST, [0.05])
