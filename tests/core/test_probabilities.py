"""A classifier's answers as probabilities."""

import numpy as np

from edgent.core.probabilities import probabilities


def test_probabilities_stay_as_they_are() -> None:
    """A network that ends in a softmax gives them already."""
    given = np.array([[0.2, 0.8], [1.0, 0.0]], np.float32)
    np.testing.assert_array_equal(probabilities(given), given)
    np.testing.assert_allclose(probabilities(np.array([[0.0, 0.0]])), [[0.5, 0.5]])
