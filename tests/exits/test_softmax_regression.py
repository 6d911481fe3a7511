"""Linear layers fitted to labels and to probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from edgent.exits.softmax_regression import fit

RANDOM = np.random.default_rng(1)


def _clouds(count: int = 300, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Features around a centre for each class, of several scales, and the classes."""
    labels = np.arange(count) % classes
    centres = RANDOM.normal(size=(classes, 6))
    features = centres[labels] + RANDOM.normal(0, 0.7, (count, 6))
    return (features * [1, 5, 0.5, 1, 1, 8] + 5).astype(np.float32), labels


def test_it_is_logistic_regression() -> None:
    """The same classes, and nearly the same probabilities, as scikit-learn's."""
    features, labels = _clouds()
    layer = fit(features, np.eye(3, dtype=np.float32)[labels], penalty=0.01)
    standard = (features - features.mean(0)) / features.std(0)
    # scikit-learn's C weighs the sum of losses, ours the mean of the squared weights.
    other = LogisticRegression(C=1 / (0.01 * len(features)), max_iter=1000).fit(standard, labels)
    scores = layer.scores(features)
    ours = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(ours, other.predict_proba(standard), atol=0.02)
    assert (scores.argmax(1) == labels).mean() > 0.8


def test_it_learns_probabilities() -> None:
    """Targets need not be certain: fitted to a layer's own probabilities, it gives them back."""
    features, _ = _clouds()
    scores = features / features.std(0) @ RANDOM.normal(size=(6, 4))
    targets = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    found = fit(features, targets.astype(np.float32), penalty=1e-5).scores(features)
    given = np.exp(found) / np.exp(found).sum(axis=1, keepdims=True)
    assert np.abs(given - targets).mean() < 0.02


def test_classes_that_no_photo_shows_are_never_answered() -> None:
    """Their scores lie below all others, and are finite."""
    features, labels = _clouds()
    targets = np.zeros((len(labels), 10), np.float32)
    targets[np.arange(len(labels)), labels * 4] = 1
    scores = fit(features, targets, penalty=0.01).scores(features)
    assert set(scores.argmax(1)) == {0, 4, 8}
    assert np.isfinite(scores).all()
    assert scores[:, [1, 2, 9]].max() < scores[:, [0, 4, 8]].min()


@pytest.mark.filterwarnings("error")
def test_a_feature_that_never_changes_does_no_harm() -> None:
    """As a channel that a ReLU always silences."""
    features, labels = _clouds()
    features[:, 2] = 7
    layer = fit(features, np.eye(3, dtype=np.float32)[labels], penalty=0.01)
    assert np.isfinite(layer.weights).all()
    assert (layer.scores(features).argmax(1) == labels).mean() > 0.6


def test_what_8_bits_would_lose_is_not_relied_on() -> None:
    """A feature that tells classes apart, but by less than a step, does no harm when it is rounded away."""
    labels = np.arange(400) % 2
    features = np.zeros((400, 3), np.float32)
    features[:, 0] = RANDOM.uniform(0, 100, 400)  # tells nothing, and sets the step: 0.4
    features[:, 1] = labels * 0.002 + RANDOM.normal(0, 0.0005, 400)
    features[:, 2] = labels * 4 + RANDOM.normal(0, 2, 400)
    layer = fit(features, np.eye(2, dtype=np.float32)[labels], penalty=0.01)
    step = np.ptp(features, axis=1, keepdims=True) / 255
    rounded = np.rint(features / step) * step
    assert (layer.scores(rounded).argmax(1) == labels).mean() > 0.8
