"""How clear a classifier's answers are: what tells whether it sees pixels as it was trained to."""

import numpy as np

from edgent.core.probabilities import are_probabilities, softmax

_SHARP, _LESS_SHARP = 3.0, 2.0  # scores of a standard deviation of 1 are multiplied by these
_LEAST = 1e-9


def clarity(answers: np.ndarray) -> float:
    """How clear answers are: each photo is decidedly of one class, and photos differ in their classes.

    Pixels that a network was not trained on blur its answers, or make them all alike. The largest probability
    alone does not tell: pixels of a larger range give larger scores and with them larger probabilities. So
    the scores of each photo are brought to one scale before its certainty is taken, and all scores to one
    scale before the information in the classes, H(mean) - mean(H) (Bridle, Heading and MacKay 1991).

    Args:
        answers: scores or probabilities, shape (n, classes).
    """
    if are_probabilities(answers):
        answers = np.log(np.maximum(answers, _LEAST))
    of_each = answers - answers.mean(axis=1, keepdims=True)
    of_each /= np.maximum(of_each.std(axis=1, keepdims=True), _LEAST)
    certainty = softmax(_SHARP * of_each).max(axis=1).mean()
    among = answers - answers.mean(axis=0)
    among = softmax(_LESS_SHARP * among / max(float(among.std()), _LEAST))
    information = _entropy(among.mean(axis=0)) - _entropy(among).mean()
    return float(certainty * information)


def _entropy(shares: np.ndarray) -> np.ndarray:
    entropy: np.ndarray = -(shares * np.log(np.maximum(shares, _LEAST))).sum(axis=-1)
    return entropy
