"""A token bucket for retries: they may be a small share of the requests, and never multiply an outage."""

from __future__ import annotations

_MOST_TOKENS = 3.0
_EARNED_PER_ANSWER = 0.1


class RetryBudget:
    """Every retry costs a token, every answer earns a tenth of one (the rule of gRPC's retry throttling)."""

    def __init__(self) -> None:
        self._tokens = _MOST_TOKENS

    def spend(self) -> bool:
        """Take a token for a retry, and say whether there was one to take."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def earn(self) -> None:
        """Count an answer of the edge."""
        self._tokens = min(self._tokens + _EARNED_PER_ANSWER, _MOST_TOKENS)
