"""The configuration map as plain values, and what is refused when it is read back."""

from typing import Any

import pytest
import yaml

from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.errors import StaleFileError
from edgent.planning.candidates import Candidates
from edgent.planning.configuration_map import ConfigurationMap, Provenance, build_configuration_map
from edgent.planning.configuration_map_file import from_dict, to_dict

DIGEST = "ab" * 32


@pytest.fixture
def configuration_map(branchy: Candidates) -> ConfigurationMap:
    """Two states, two requirements."""
    states = [
        BandwidthState(mean, 0.1, 0.5, tuple(mean * q for q in QUANTILE_LEVELS), (0.9, 0.1))
        for mean in (1e5, 1e7)
    ]
    made_by = Provenance(DIGEST, "edgent map alexnet.yaml", {"edgent": "0.1.0"}, "2026-01-01T00:00:00+00:00")
    return build_configuration_map(branchy, states, [0.05, 0.2], made_by, round_trip_s=0.001)


def plain(configuration_map: ConfigurationMap) -> dict[str, Any]:
    """What is read from the file that was written."""
    values: dict[str, Any] = yaml.safe_load(yaml.safe_dump(to_dict(configuration_map)))
    return values


def test_what_is_written_is_read_back(configuration_map: ConfigurationMap) -> None:
    """Through YAML and back, to the last but one digit."""
    values = plain(configuration_map)
    again = from_dict(values, DIGEST, [0.2, 0.05], "map.yaml")
    assert again.provenance == configuration_map.provenance
    assert [[e.plan for e in row] for row in again.entries] == [
        [e.plan for e in row] for row in configuration_map.entries
    ]
    assert [s.mean_bps for s in again.states] == pytest.approx([1e5, 1e7])
    assert again.latency_requirements_s == pytest.approx((0.05, 0.2))
    for row, written in zip(again.entries, configuration_map.entries, strict=True):
        assert [e.reward for e in row] == pytest.approx([e.reward for e in written])
        assert [e.latency_s for e in row] == pytest.approx([e.latency_s for e in written])


def test_a_map_for_another_network_is_stale(configuration_map: ConfigurationMap) -> None:
    """The message has both digests and the command that makes it again."""
    with pytest.raises(
        StaleFileError, match=r"map.yaml was made for the network abab.*, this one is cdcd.*`edgent map`"
    ):
        from_dict(plain(configuration_map), "cd" * 32, [0.05, 0.2], "map.yaml")


@pytest.mark.parametrize("listed", [[0.05], [0.05, 0.1], [0.05, 0.2, 0.5]])
def test_a_map_for_other_requirements_is_stale(
    configuration_map: ConfigurationMap, listed: list[float]
) -> None:
    """The message lists both."""
    with pytest.raises(StaleFileError, match="latency requirements of 50, 200 ms, the spec lists 50"):
        from_dict(plain(configuration_map), DIGEST, listed, "map.yaml")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", 2),
        ("made_by", None),
        ("latency_requirements_ms", []),
        ("latency_requirements_ms", [200.0, 50.0]),
        ("latency_requirements_ms", [50.0]),
        ("latency_requirements_ms", [50.0, float("nan")]),
        ("states", []),
        ("states", [{}]),
        ("states", "none"),
    ],
)
def test_what_is_no_map_is_refused(configuration_map: ConfigurationMap, key: str, value: Any) -> None:
    """Whatever is wrong with it, the answer is to make it again."""
    with pytest.raises(StaleFileError, match=r"map.yaml is no configuration map .* make it again"):
        from_dict({**plain(configuration_map), key: value}, DIGEST, [0.05, 0.2], "map.yaml")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("mean_kbps", -1.0),
        ("mean_kbps", True),
        ("mean_kbps", 1e9),
        ("next_quantiles_kbps", [1.0]),
        ("plans", []),
    ],
)
def test_a_state_that_is_none_is_refused(configuration_map: ConfigurationMap, key: str, value: Any) -> None:
    """Also inside a state."""
    values = plain(configuration_map)
    values["states"][0][key] = value
    with pytest.raises(StaleFileError, match="is no configuration map"):
        from_dict(values, DIGEST, [0.05, 0.2], "map.yaml")


@pytest.mark.parametrize("values", [None, [], "map", 3])
def test_any_other_yaml_is_refused(values: Any) -> None:
    """An empty file, a list, a word."""
    with pytest.raises(StaleFileError, match="is no configuration map"):
        from_dict(values, DIGEST, [0.05], "map.yaml")
