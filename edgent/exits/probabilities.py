"""A classifier's answers as probabilities."""

import numpy as np


def probabilities(answers: np.ndarray) -> np.ndarray:
    """The answers as they are where each row adds up to 1, else their softmax.

    Args:
        answers: scores or probabilities, shape (n, classes).
    """
    if (answers >= 0).all() and np.allclose(answers.sum(axis=1), 1, atol=1e-3):
        return answers
    grown = np.exp(answers - answers.max(axis=1, keepdims=True))
    shares: np.ndarray = grown / grown.sum(axis=1, keepdims=True)
    return shares
