"""The judge of answers."""

import numpy as np
import pytest

from benchmarks.testbed.judge import Judge
from edgent.network import Network


@pytest.fixture
def judge(tiny_network: Network) -> Judge:
    """Knows what the tiny network says of two images of noise."""
    return Judge(tiny_network, np.random.default_rng(3).integers(0, 256, (2, 3, 8, 8), np.uint8))


def test_an_answer_is_right_at_its_own_exit_and_image_only(judge: Judge) -> None:
    """Images are taken round and round."""
    logits = judge.logits["exit1"][1]
    assert judge.is_right("exit1", 1, logits)
    assert judge.is_right("exit1", 3, logits.tolist())
    assert not judge.is_right("exit1", 0, logits)
    assert not judge.is_right("exit2", 1, logits)


def test_only_what_is_tolerated_may_differ(judge: Judge) -> None:
    """A hair's breadth is wrong where equality to the bit is asked for, and another label always."""
    logits = judge.logits["exit2"][0]
    almost = logits + 1e-5
    assert not judge.is_right("exit2", 0, almost)
    assert judge.is_right("exit2", 0, almost, tolerance=1e-4)
    swapped = logits.copy()
    swapped[[logits.argmax(), logits.argmin()]] = logits.min(), logits.max()
    assert not judge.is_right("exit2", 0, swapped, tolerance=1e6)


def test_logits_of_another_shape_are_wrong(judge: Judge) -> None:
    """Also where they could be broadcast."""
    assert not judge.is_right("exit1", 0, judge.logits["exit1"][:1])
