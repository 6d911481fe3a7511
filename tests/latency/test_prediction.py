"""Times for a network that was never measured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edgent.errors import InputError, PlanError
from edgent.latency.costs import network_costs
from edgent.latency.features import segment_features
from edgent.latency.places import Place, plan_places
from edgent.latency.prediction import predict_profile
from edgent.latency.profile import FeatureTiming, NodeProfile, read_profile
from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

SPEC = """
version: 1
name: residual
model: {{file: {file}}}
input: {{shape: [3, 8, 8], labels: [a, b, c, d, e, f, g, h, i, j]}}
exits: [{{name: exit1}}, {{name: exit2}}]
"""


@pytest.fixture(scope="module")
def other(residual_network: Path, tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The residual network of tests/networks.py, whose blocks the chain does not have."""
    folder = tmp_path_factory.mktemp("other")
    (folder / "other.yaml").write_text(SPEC.format(file=residual_network), encoding="utf-8")
    return Network.open(read_spec(folder / "other.yaml"), cache=folder / "cache")


def test_prediction_serves_the_planner(
    device: NodeProfile, edge: NodeProfile, other: Network, samples: np.ndarray, tmp_path: Path
) -> None:
    """From the chain's profiles alone come all costs of the other network, marked, and kept as files."""
    predicted = []
    for profile in (device, edge):
        prediction = predict_profile(profile, other, samples)
        assert prediction.predicted_from == profile.made_by.model_sha256
        assert prediction.made_by.model_sha256 == other.graph.sha256
        prediction.write(tmp_path / "predicted.yaml")
        assert read_profile(tmp_path / "predicted.yaml", prediction.node, other.graph.sha256) == prediction
        predicted.append(prediction)
    accuracies = {name: {("raw", "float32"): 0.5} for name in other.graph.exit_names}
    costs = network_costs(other, predicted[0], predicted[1], accuracies)
    path = other.graph.paths[1]
    expected_s = device.regressors["work"].predict_s(segment_features(path, 0, len(path.layers)))
    assert costs.exits[1].tail_s[0] == pytest.approx(expected_s, abs=1e-8)
    assert costs.input_codecs["raw"].size_bytes == 24 + 16 + 192


def test_predicted_segments_are_those_of_plans(
    device: NodeProfile, other: Network, samples: np.ndarray
) -> None:
    """No more and no fewer, each with more time at the 95th percentile than in the median."""
    predicted = predict_profile(device, other, samples)
    places = [Place(row.exit, row.start, row.stop) for row in predicted.segments]
    assert places == plan_places(other.graph, "device")
    assert all(row.timing.p95_s >= row.timing.time_s for row in predicted.segments)
    assert all(row.timing.runs == 0 for row in predicted.segments)


def test_times_of_the_profiled_networks_feature_codecs_stay_with_it(
    device: NodeProfile, other: Network, samples: np.ndarray
) -> None:
    """Codecs are trained for one network: another one has none of them."""
    codec = FeatureTiming("p3-8ch.code.0123", 300.0, 320.0, device.segments[0].timing)
    assert predict_profile(replace(device, features=(codec,)), other, samples).features == ()


def test_without_regressors_or_with_wrong_inputs(
    device: NodeProfile, other: Network, samples: np.ndarray
) -> None:
    """Both are said in a sentence."""
    with pytest.raises(PlanError, match="no regressors 'work'"):
        predict_profile(replace(device, regressors={}), other, samples)
    with pytest.raises(InputError, match="expected"):
        predict_profile(device, other, samples[:, :2])
