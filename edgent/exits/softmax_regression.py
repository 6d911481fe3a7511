"""One linear layer that gives classes, fitted to labels or to another classifier's probabilities.

Multinomial logistic regression with an L2 penalty (Bishop, "Pattern Recognition and Machine Learning",
4.3.4), minimised by L-BFGS. The targets are probabilities: a label is one that is certain, and the answers
of a network are those it gives (distillation, Hinton et al. 2015).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

_STEPS = 255
_SMALLEST_DEVIATION = 1e-6
_MOST_ITERATIONS = 200
_LEAST_GAIN = 1e-6  # of the loss, by an iteration; single precision tells no smaller ones apart
_FAR_BELOW = 5.0  # how far the score of a class that was never seen lies below the lowest score of the others


@dataclass(frozen=True)
class LinearLayer:
    """Scores of classes: ``features @ weights + bias``.

    Attributes:
        weights: float32, shape (features, classes).
        bias: float32, shape (classes,).
    """

    weights: np.ndarray
    bias: np.ndarray

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Shape (n, classes) for features of shape (n, features)."""
        scores: np.ndarray = features @ self.weights + self.bias
        return scores


def fit(features: np.ndarray, targets: np.ndarray, penalty: float) -> LinearLayer:
    """Fit a layer; features are standardised for it, and the layer takes them as they are.

    What varies less than a step of 8 bits is not blown up to the same deviation as the rest: it would be lost
    where an activation travels as uint8, and with it the exit's accuracy.

    Args:
        features: float32, shape (n, d).
        targets: float32, shape (n, classes); each row is a probability of every class.
        penalty: weight of half the sum of the squared weights, for standardised features.
    """
    step = np.ptp(features, axis=1).mean() / _STEPS
    mean, deviation = features.mean(axis=0), np.hypot(features.std(axis=0), step)
    deviation = np.where(deviation > _SMALLEST_DEVIATION, deviation, np.float32(1))
    answered = np.unique(targets.argmax(axis=1))
    seen = targets[:, answered] / targets[:, answered].sum(axis=1, keepdims=True)
    of_answered = _fit_standardised((features - mean) / deviation, seen, penalty)
    weights = np.zeros((features.shape[1], targets.shape[1]), np.float32)
    weights[:, answered] = of_answered.weights / deviation[:, None]
    bias = np.zeros(targets.shape[1], np.float32)
    bias[answered] = of_answered.bias - mean @ weights[:, answered]
    never = np.setdiff1d(np.arange(targets.shape[1]), answered)
    if len(never):
        lowest = (features @ weights[:, answered] + bias[answered]).min()
        bias[never] = lowest - _FAR_BELOW
    return LinearLayer(weights, bias)


def _fit_standardised(features: np.ndarray, targets: np.ndarray, penalty: float) -> LinearLayer:
    count, size = features.shape
    classes = targets.shape[1]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat[: size * classes].reshape(size, classes).astype(np.float32)
        bias = flat[size * classes :].astype(np.float32)
        logs = log_softmax(features @ weights + bias, axis=1)
        residual = (np.exp(logs) - targets) / count
        slope = features.T @ residual + penalty * weights
        value = -(targets * logs).sum() / count + penalty / 2 * (weights**2).sum()
        return float(value), np.concatenate([slope.ravel(), residual.sum(axis=0)]).astype(np.float64)

    start = np.zeros(size * classes + classes)
    options = {"maxiter": _MOST_ITERATIONS, "ftol": _LEAST_GAIN}
    flat = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x.astype(np.float32)
    return LinearLayer(flat[: size * classes].reshape(size, classes), flat[size * classes :])
