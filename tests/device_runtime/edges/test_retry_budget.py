"""Retries are a small share of the requests, and an outage is not multiplied by them."""

from device_runtime.edges.retry_budget import RetryBudget


def test_three_retries_and_then_none() -> None:
    """A dead edge is retried three times in all, however many requests there are."""
    budget = RetryBudget()
    assert [budget.spend() for _ in range(5)] == [True, True, True, False, False]


def test_ten_answers_earn_a_retry() -> None:
    """Over a long time at most one request in ten is sent twice."""
    budget = RetryBudget()
    while budget.spend():
        pass
    retries = 0
    for _ in range(1000):
        budget.earn()
        retries += budget.spend()
    assert 98 <= retries <= 100


def test_no_more_than_three_are_saved_up() -> None:
    """A quiet year does not allow a storm."""
    budget = RetryBudget()
    for _ in range(10_000):
        budget.earn()
    assert sum(budget.spend() for _ in range(10)) == 3
