"""Fit the regressors of a node to its profile.

``paper``: one ordinary least squares fit per layer type, to single layers, as the paper does.

``work``: one fit for all layer types together, to whole segments; each row is divided by its time, so that
relative errors count, and no coefficient may be negative (non-negative least squares). A segment's time is
the sum of its layers' linear terms, so what the runtime gains by fusing layers is in the data.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from edgent.latency.features import CONSTANT, FEATURE_SETS, LayerFeatures, segment_features
from edgent.latency.regression import Regressors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.latency.profile import NodeProfile

    Coefficients = dict[tuple[str, str], float]
    """By (layer type, variable), seconds per unit."""

_CALL = ("call", CONSTANT)


@dataclass(frozen=True)
class Measurement:
    """A segment or a grid network: its layers, and the seconds that it took.

    Attributes:
        name: name in reports.
        layers: features of the layers that it runs.
        time_s: least median of its blocks, seconds.
        layer_count: number of its layers.
        whole_path: whether it is the path of an exit.
    """

    name: str
    layers: tuple[LayerFeatures, ...]
    time_s: float
    layer_count: int
    whole_path: bool = False


def measurements(profile: NodeProfile, graph: BranchyGraph) -> list[Measurement]:
    """Everything in a profile that regressors can learn from."""
    learnt = []
    for row in profile.segments:
        path = graph.path_of(row.exit)
        layers = segment_features(path, row.start, row.stop)
        whole = row.start == 0 and row.stop == len(path.layers)
        name = f"{row.exit} [{row.start}, {row.stop})"
        learnt.append(Measurement(name, layers, row.timing.time_s, row.stop - row.start, whole))
    grid = _grid() if profile.operators else {}
    learnt += [
        Measurement(row.name, grid[row.name], row.timing.time_s, len(grid[row.name]))
        for row in profile.operators
        if row.name in grid
    ]
    return learnt


def _grid() -> dict[str, tuple[LayerFeatures, ...]]:
    from edgent.latency.operator_grid import operator_grid  # noqa: PLC0415  imports onnx

    return {network.name: network.layers for network in operator_grid()}


def with_regressors(profile: NodeProfile, graph: BranchyGraph) -> NodeProfile:
    """The profile with its regressors; needs scipy."""
    data = measurements(profile, graph)
    codecs = _codecs_ns(profile, graph)
    load_us, load_ns = _loading(profile)
    fitted = {name: fit(data, name) for name in FEATURE_SETS}
    complete = {
        name: replace(regressors, codecs_ns=codecs, load_us=load_us, load_ns_per_byte=load_ns)
        for name, regressors in fitted.items()
    }
    return replace(profile, regressors=complete)


def fit(data: Sequence[Measurement], features: str) -> Regressors:
    """The regressors of a set of features: ``paper`` or ``work``."""
    coefficients = _fit_paper(data) if features == "paper" else _fit_work(data)
    layers: dict[str, dict[str, float]] = defaultdict(dict)
    call_s = coefficients.pop(_CALL, 0.0)
    for (kind, variable), value in coefficients.items():
        layers[kind][variable] = _digits(value * 1e9)
    return Regressors(features, call_us=_digits(call_s * 1e6), layers_ns=dict(layers), codecs_ns={})


def _fit_paper(data: Iterable[Measurement]) -> Coefficients:
    chosen = FEATURE_SETS["paper"]
    rows: dict[str, list[tuple[dict[str, float], float]]] = defaultdict(list)
    for measurement in data:
        layers = [layer for layer in measurement.layers if chosen.variables(layer)]
        if measurement.layer_count == 1 and len(layers) == 1:
            rows[chosen.type_of(layers[0])].append((chosen.variables(layers[0]), measurement.time_s))
    coefficients: Coefficients = {}
    for kind, of_kind in rows.items():
        names = list(of_kind[0][0])
        matrix = np.array([[variables[name] for name in names] for variables, _ in of_kind])
        times = np.array([time_s for _, time_s in of_kind])
        scale = np.abs(matrix).max(axis=0)
        solution = np.linalg.lstsq(matrix / scale, times, rcond=None)[0] / scale
        coefficients.update({(kind, name): float(value) for name, value in zip(names, solution, strict=True)})
    return coefficients


def _fit_work(data: Sequence[Measurement]) -> Coefficients:
    chosen = FEATURE_SETS["work"]
    columns: dict[tuple[str, str], int] = {_CALL: 0}
    rows: list[dict[tuple[str, str], float]] = []
    for measurement in data:
        row: dict[tuple[str, str], float] = defaultdict(float)
        row[_CALL] = 1.0
        for layer in measurement.layers:
            for variable, value in chosen.variables(layer).items():
                row[chosen.type_of(layer), variable] += value
        for key in row:
            columns.setdefault(key, len(columns))
        rows.append(row)
    matrix = np.zeros((len(rows), len(columns)))
    for number, row in enumerate(rows):
        for key, value in row.items():
            matrix[number, columns[key]] = value
    solution = _relative_nnls(matrix, np.array([measurement.time_s for measurement in data]))
    return {key: float(solution[column]) for key, column in columns.items()}


def _relative_nnls(
    matrix: npt.NDArray[np.float64], times: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Coefficients >= 0 with the least sum of squared relative errors."""
    from scipy.optimize import nnls  # noqa: PLC0415  a workbench package; devices only predict

    relative = matrix / times[:, np.newaxis]
    scale = relative.max(axis=0)
    scale[scale == 0] = 1.0
    scaled: npt.NDArray[np.float64] = nnls(relative / scale, np.ones(len(times)), maxiter=50_000)[0]
    solution: npt.NDArray[np.float64] = scaled / scale
    return solution


def _codecs_ns(profile: NodeProfile, graph: BranchyGraph) -> Mapping[str, Mapping[str, float]]:
    """Nanoseconds of each codec, as `Regressors` has them.

    Of activations those that come down count: on its way up the node writes what it else reads.
    """
    rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for row in profile.codec_by_place.values():
        elements = prod(graph.path_of(row.exit).cut(row.partition_point).shape)
        kind = "activation" if row.partition_point else "input"
        rows[f"{kind}:{row.codec}"].append((elements, row.timing.time_s))
    fitted = {}
    for name, of_codec in rows.items():
        matrix = np.array([[1.0, elements] for elements, _ in of_codec])
        constant, slope = _relative_nnls(matrix, np.array([time_s for _, time_s in of_codec])) * 1e9
        fitted[name] = {CONSTANT: _digits(constant), "elements": _digits(slope)}
    return fitted


def _loading(profile: NodeProfile) -> tuple[float, float]:
    """Microseconds to load a segment, and nanoseconds for each byte (Table I: model loading)."""
    matrix = np.array([[1.0, row.file_bytes] for row in profile.segments])
    times_us = np.array([row.load_us for row in profile.segments])
    constant_us, slope_us = np.linalg.lstsq(matrix, times_us, rcond=None)[0]
    return _digits(constant_us), _digits(slope_us * 1e3)


def _digits(value: float) -> float:
    """Six significant digits: more than a time deserves, and readable."""
    return float(f"{value:.6g}")
