"""How far the regressors can be trusted: predictions for what they were not fitted to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from edgent.latency.features import FEATURE_SETS, INPUT_KIND
from edgent.latency.fitting import Measurement, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.latency.regression import Regressors

_FOLDS = 10
_REQUESTS = 7
_LONGEST_SHORT_RUN = 4


@dataclass(frozen=True)
class Prediction:
    """A segment that was left out of the fit, and what the fit says of it.

    Attributes:
        features: set of features, ``paper`` or ``work``.
        name: the segment's name.
        kind: kind of its only layer, ``path`` for the whole path of an exit, ``run`` for anything else.
        measured_s, predicted_s: seconds.
    """

    features: str
    name: str
    kind: str
    measured_s: float
    predicted_s: float

    @property
    def relative_error(self) -> float:
        """(predicted - measured) / measured."""
        return self.predicted_s / self.measured_s - 1.0


def cross_validate(data: Sequence[Measurement], seed: int = 0) -> list[Prediction]:
    """Predict each segment from a fit that did not see it, by both sets of features; needs scikit-learn.

    Single layers and runs: ten folds. Whole paths: from single layers, short runs and the operator grid
    alone, because a fit that has seen all but the first layer of a path knows the path.
    """
    from sklearn.model_selection import KFold  # noqa: PLC0415  a workbench package; a second to import

    predictions: list[Prediction] = []
    folds = list(KFold(min(_FOLDS, len(data)), shuffle=True, random_state=seed).split(np.arange(len(data))))
    short = [part for part in data if part.layer_count <= _LONGEST_SHORT_RUN and not part.whole_path]
    for features in FEATURE_SETS:
        for seen, held_out in folds:
            regressors = fit([data[k] for k in seen], features)
            known = set(regressors.layers_ns) | {INPUT_KIND}
            predictions += [
                _predict(regressors, part)
                for part in (data[k] for k in held_out)
                if not part.whole_path and all(layer.kind in known for layer in part.layers)
            ]
        regressors = fit(short, features)
        predictions += [_predict(regressors, path) for path in data if path.whole_path]
    return predictions


def _predict(regressors: Regressors, measurement: Measurement) -> Prediction:
    kind = measurement.layers[-1].kind if measurement.layer_count == 1 else "run"
    return Prediction(
        features=regressors.features,
        name=measurement.name,
        kind="path" if measurement.whole_path else kind,
        measured_s=measurement.time_s,
        predicted_s=regressors.predict_s(measurement.layers),
    )


@dataclass(frozen=True)
class Errors:
    """Relative errors of some predictions.

    Attributes:
        count: number of segments.
        median: median of the errors' sizes.
        p90: 90th percentile of the errors' sizes.
        bias: median of the errors with their sign; negative where too little is predicted.
        within_5, within_10: shares of segments that are predicted within 5 and within 10 %.
    """

    count: int
    median: float
    p90: float
    bias: float
    within_5: float
    within_10: float

    @classmethod
    def of(cls, predictions: Sequence[Prediction]) -> Errors:
        """Those of one prediction or more."""
        values = np.array([prediction.relative_error for prediction in predictions])
        size = np.abs(values)
        return cls(
            len(values),
            float(np.median(size)),
            float(np.percentile(size, 90)),
            float(np.median(values)),
            float((size <= 0.05).mean()),
            float((size <= 0.1).mean()),
        )


def calibrated(predictions: Sequence[Prediction], seed: int = 0) -> list[Prediction]:
    """The predictions of a node as they would be once a few requests have been answered.

    A device learns while it runs by which factor its times are off; here that is the median over as many
    segments, drawn at random, as a handful of requests would run. A segment that is predicted to take no time
    tells no factor.
    """
    drawn = np.random.default_rng(seed).permutation(len(predictions))[:_REQUESTS]
    telling = [predictions[k] for k in drawn if predictions[k].predicted_s > 0]
    ratios = [prediction.measured_s / prediction.predicted_s for prediction in telling]
    factor = float(np.median(ratios)) if ratios else 1.0
    return [replace(prediction, predicted_s=factor * prediction.predicted_s) for prediction in predictions]


def by_kind(predictions: Sequence[Prediction]) -> dict[str, list[Prediction]]:
    """The predictions of each kind; several layers and whole paths last."""
    kinds = {prediction.kind for prediction in predictions}
    return {
        kind: [prediction for prediction in predictions if prediction.kind == kind]
        for kind in sorted(kinds, key=lambda kind: (kind in {"run", "path"}, kind == "path", kind))
    }
