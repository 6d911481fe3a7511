"""Whether inputs leave at an exit more or less often than those that its rule was found on.

Two samples, in each of which some inputs came to an exit and some of these left there: the held-out inputs,
and those that a device answers, which grows and is looked at after every one. The evidence against one and
the same chance to leave is a ratio of likelihoods:

    evidence = m(left of held-out) · m(left while running) / max over p of the likelihood of both under p

m is the mean of a sample's likelihood over all chances (Beta(1/2, 1/2), Jeffreys' prior), so the numerator is
a distribution that lets both samples have a chance of their own. Under any one p the denominator is at least
the likelihood, so the evidence is at most a martingale that begins at 1, and by Ville's inequality it ever
reaches 1/a with a chance of a at most: whoever looks after every input, for however long, raises a false
alarm with that chance at most. That held-out shares are estimates themselves is part of it.

L. Wasserman, A. Ramdas, S. Balakrishnan, Universal inference, PNAS 117, 2020 (the ratio);
H. Robbins, Statistical methods related to the law of the iterated logarithm, Ann. Math. Stat. 41, 1970 (m).
"""

from __future__ import annotations

import math
from typing import NamedTuple


class AtExit(NamedTuple):
    """Inputs at an exit.

    Attributes:
        left: how many left there.
        came: of how many that came to it.
    """

    left: int
    came: int

    @property
    def share(self) -> float:
        """Which share left, 0 to 1; 0 where none came."""
        return self.left / self.came if self.came else 0.0


def log_evidence(held_out: AtExit, running: AtExit) -> float:
    """The logarithm of the evidence that the two samples do not have one and the same chance to leave.

    >>> log_evidence(AtExit(100, 700), AtExit(15, 100)) < 0
    True
    >>> log_evidence(AtExit(100, 700), AtExit(45, 100)) > math.log(1000)
    True
    """
    both = AtExit(held_out.left + running.left, held_out.came + running.came)
    return _log_mean(held_out) + _log_mean(running) - _log_largest(both)


def is_drift(held_out: AtExit, running: AtExit, false_alarm: float) -> bool:
    """Whether the samples differ beyond chance; may be asked after every input.

    Args:
        held_out: the inputs that the rule was found on, a sample of a size that was fixed beforehand.
        running: the inputs since.
        false_alarm: the largest chance that it is ever true although nothing has changed, above 0.
    """
    return log_evidence(held_out, running) >= -math.log(false_alarm)


def _log_mean(sample: AtExit) -> float:
    """Logarithm of the mean likelihood of a sample over all chances to leave."""
    return _log_beta(sample.left + 0.5, sample.came - sample.left + 0.5) - _log_beta(0.5, 0.5)


def _log_largest(sample: AtExit) -> float:
    """Logarithm of the largest likelihood of a sample, that under its own share."""
    counts = (sample.left, sample.came - sample.left)
    return sum(count * math.log(count / sample.came) for count in counts if count)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
