"""Regressors find the coefficients that data were made with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.errors import PlanError
from edgent.latency.features import LayerFeatures, work_variables
from edgent.latency.fitting import Measurement, fit, measurements, with_regressors
from edgent.latency.regression import Regressors
from edgent.latency.timing import Timing
from edgent.latency.validation import Errors, Prediction, by_kind, calibrated, cross_validate

if TYPE_CHECKING:
    from edgent.latency.profile import NodeProfile
    from edgent.network import Network

CALL_S = 10e-6
PLANTED_NS = {
    "conv": {"constant": 4000.0, "macs": 0.02, "input_size": 0.3, "output_size": 0.1, "parameters": 0.05},
    "fc": {"constant": 900.0, "macs": 0.1, "input_size": 1.5, "output_size": 0.0, "parameters": 0.0},
    "relu": {"constant": 300.0, "macs": 0.0, "input_size": 0.2, "output_size": 0.0, "parameters": 0.0},
}


def random_layer(random: np.random.Generator) -> LayerFeatures:
    """A layer of one of the planted types, of unrelated sizes."""
    kind = str(random.choice(list(PLANTED_NS)))
    input_size, output_size = (int(value) for value in random.integers(100, 50_000, 2))
    if kind == "relu":
        return LayerFeatures(kind, input_size, input_size)
    macs = int(random.integers(10_000, 5_000_000))
    return LayerFeatures(
        kind, input_size, output_size, 8, 16, 9.0, macs=macs, parameters=int(random.integers(100, 90_000))
    )


def planted_s(layers: tuple[LayerFeatures, ...]) -> float:
    """Seconds of a segment by the planted coefficients."""
    terms = [
        PLANTED_NS[layer.kind][name] * value
        for layer in layers
        for name, value in work_variables(layer).items()
    ]
    return CALL_S + sum(terms) / 1e9


def planted_segments(count: int, seed: int = 0) -> list[Measurement]:
    """Segments of one to five layers."""
    random = np.random.default_rng(seed)
    segments = []
    for number in range(count):
        layers = tuple(random_layer(random) for _ in range(1 + number % 5))
        segments.append(Measurement(f"segment {number}", layers, planted_s(layers), len(layers)))
    return segments


def test_work_recovers_planted_coefficients() -> None:
    """From whole segments: each layer type's terms and the constant of the call come apart."""
    regressors = fit(planted_segments(200), "work")
    assert regressors.call_us == pytest.approx(10.0, rel=1e-3)
    for kind, planted in PLANTED_NS.items():
        fitted = regressors.layers_ns[kind]
        if kind == "relu":  # its input and output have one size: only the sum of both terms is known
            assert fitted["input_size"] + fitted["output_size"] == pytest.approx(0.2, rel=1e-3)
            continue
        for name, value in planted.items():
            assert fitted[name] == pytest.approx(value, rel=1e-2, abs=1e-4)


def test_paper_recovers_planted_coefficients() -> None:
    """From single layers: conv = 5 µs + 2 µs per input map + 10 ns per unit of filter work."""
    random = np.random.default_rng(0)
    data = []
    for number in range(20):
        maps, filters = (int(value) for value in random.integers(1, 100, 2))
        layer = LayerFeatures("conv", 1, 1, maps, filters, kernel_over_stride=9.0)
        data.append(Measurement(str(number), (layer,), 5e-6 + 2e-6 * maps + 1e-8 * 9 * filters, 1))
    fitted = fit(data, "paper").layers_ns["conv"]
    assert fitted == pytest.approx({"constant": 5000, "input_maps": 2000, "filter_work": 10}, rel=1e-4)


def test_paper_is_fitted_to_single_layers_only() -> None:
    """A segment of several layers does not enter."""
    relu = Measurement("relu", (LayerFeatures("relu", 100, 100),), 1e-6, 1)
    other = Measurement("relu2", (LayerFeatures("relu", 300, 300),), 3e-6, 1)
    several = Measurement("both", relu.layers + other.layers, 1.0, 2)
    fitted = fit([relu, other, several], "paper")
    assert fitted.predict_s((LayerFeatures("relu", 200, 200),)) == pytest.approx(2e-6, rel=1e-4)


@given(st.integers(0, 10_000))
def test_work_is_never_negative(seed: int) -> None:
    """Whatever the times are, no layer takes less than nothing."""
    random = np.random.default_rng(seed)
    data = [
        Measurement(part.name, part.layers, float(random.uniform(1e-6, 1e-3)), part.layer_count)
        for part in planted_segments(30, seed)
    ]
    regressors = fit(data, "work")
    assert regressors.call_us >= 0
    assert all(value >= 0 for terms in regressors.layers_ns.values() for value in terms.values())


def test_paper_predicts_no_negative_time() -> None:
    """Least squares may fall below zero for a small layer; the prediction stops there."""
    regressors = Regressors("paper", 0.0, {"relu": {"constant": -5000.0, "input_size": 1.0}}, {})
    assert regressors.predict_s((LayerFeatures("relu", 10, 10),)) == 0.0


def test_unknown_layer_type_says_what_to_do() -> None:
    """A type that was never measured is no guess."""
    regressors = fit(planted_segments(50), "work")
    with pytest.raises(
        PlanError, match=r"no regressor 'work' for layers of type gate, only for conv, fc.*run"
    ):
        regressors.predict_s((LayerFeatures("gate", 10, 10),))


def test_unmeasured_fused_type_counts_as_its_kind() -> None:
    """Where no conv was ever followed by a sigmoid, the sigmoid by itself is the best guess."""
    regressors = Regressors("work", 1.0, {"sigmoid": {"constant": 2000.0}}, {})
    assert regressors.predict_s((LayerFeatures("sigmoid", 9, 9, fused=True),)) == pytest.approx(3e-6)


def test_cross_validation_of_exact_data_is_exact() -> None:
    """Left-out segments of planted data are predicted, and each is left out once by each set."""
    data = planted_segments(100)
    predictions = [prediction for prediction in cross_validate(data) if prediction.features == "work"]
    assert sorted(prediction.name for prediction in predictions) == sorted(part.name for part in data)
    of_kind = by_kind(predictions)
    assert list(of_kind)[-1] == "run"
    assert all(Errors.of(of_kind[kind]).median < 0.01 for kind in ("conv", "fc", "relu", "run"))


def test_errors_by_hand() -> None:
    """Shares within 5 and 10 %; a node that is a quarter slower is predicted once that is learnt."""
    predictions = [
        Prediction("work", str(k), "run", 1.0, predicted_s)
        for k, predicted_s in enumerate((1.04, 0.97, 1.08, 0.5))
    ]
    errors = Errors.of(predictions)
    assert (errors.count, errors.within_5, errors.within_10) == (4, 0.5, 0.75)
    assert errors.median == pytest.approx(0.06)
    assert errors.bias == pytest.approx(0.005)
    slower = [Prediction("work", str(k), "run", 1.25 * k, 1.0 * k) for k in range(1, 30)]
    assert Errors.of(slower).within_10 == 0.0
    assert Errors.of(calibrated(slower)).within_5 == 1.0


def test_a_segment_that_is_predicted_to_take_no_time_tells_no_factor() -> None:
    """The paper's regressors stop at nothing for a small layer; the others still say how slow the node is."""
    nothing = Prediction("paper", "small", "relu", 1e-6, 0.0)
    slower = [Prediction("paper", str(k), "run", 2.0 * k, 1.0 * k) for k in range(1, 4)]
    assert [one.predicted_s for one in calibrated([nothing, *slower])] == [0.0, 2.0, 4.0, 6.0]
    assert calibrated([nothing]) == [nothing]


def test_whole_paths_are_predicted_from_short_runs() -> None:
    """A path is not in its own fit, nor is anything longer than four layers."""
    data = planted_segments(100)
    layers = tuple(layer for part in data[:4] for layer in part.layers)
    wrong = Measurement("long", layers, 1.0, len(layers))  # 1 s: would spoil any fit it entered
    path = Measurement("path", layers, planted_s(layers), len(layers), whole_path=True)
    (prediction,) = [
        part
        for part in cross_validate([*data, wrong, path])
        if part.kind == "path" and part.features == "work"
    ]
    short = [part for part in data if part.layer_count <= 4]
    assert prediction.predicted_s == pytest.approx(fit(short, "work").predict_s(layers))
    assert prediction.relative_error == pytest.approx(0.0, abs=0.01)


def test_activations_that_go_up_do_not_teach_those_that_come_down(
    network: Network, device: NodeProfile
) -> None:
    """The device reads what comes down and writes what goes up, which may take far longer."""
    slow = Timing((1e6,), (1e6,))
    up = [replace(row, timing=slow, goes_up=True) for row in device.codecs if row.partition_point]
    both = with_regressors(replace(device, codecs=(*device.codecs, *up)), network.graph)
    assert both.regressors["work"].codecs_ns == device.regressors["work"].codecs_ns


def test_real_profile_gives_regressors(network: Network, device: NodeProfile) -> None:
    """Everything in a profile is a measurement, and the fit to it stays near the times it was fitted to."""
    data = measurements(device, network.graph)
    assert len(data) == len(device.segments) + len(device.operators)
    assert sum(part.whole_path for part in data) == 2
    work = device.regressors["work"]
    ratios = [work.predict_s(part.layers) / part.time_s for part in data]
    assert 0.5 < np.median(ratios) < 2.0
    assert set(work.codecs_ns) == {"input:raw", "input:webp", "activation:float32", "activation:uint8"}
    assert work.codec_s("uint8", 1000, input_codec=False) > 0
    with pytest.raises(PlanError, match="codec jpeg was not measured"):
        work.codec_s("jpeg", 1000, input_codec=True)
