"""A classifier's answers as probabilities."""

import numpy as np


def probabilities(answers: np.ndarray) -> np.ndarray:
    """The answers as they are where they are probabilities, else their softmax.

    Args:
        answers: scores or probabilities, shape (n, classes).
    """
    return answers if are_probabilities(answers) else softmax(answers)


def are_probabilities(answers: np.ndarray) -> bool:
    """Whether each row adds up to 1, with nothing below 0."""
    return bool((answers >= 0).all() and np.allclose(answers.sum(axis=1), 1, atol=1e-3))


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities that are proportional to the exponential of each score, shape (n, classes).

    Without scipy, which only training needs.
    """
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: np.ndarray = grown / grown.sum(axis=1, keepdims=True)
    return shares
