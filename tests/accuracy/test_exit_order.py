"""Deeper exits that are less accurate are named, with the shallower one that is better."""

from edgent.accuracy.exit_order import exit_order_lines


def test_exits_that_get_better_need_no_word() -> None:
    """Nor do ones that are as good, or none at all."""
    assert exit_order_lines({}) == []
    assert exit_order_lines({"exit1": 0.5, "exit2": 0.7, "exit3": 0.7}) == []


def test_each_exit_that_is_worse_is_named() -> None:
    """With the best one before it."""
    first, second = exit_order_lines({"exit1": 0.5, "exit2": 0.67, "exit3": 0.61, "exit4": 0.65})
    assert first.startswith("exit3 is less accurate (0.61) than exit2 (0.67), which is shallower")
    assert "plans count it as exit2, and take whichever is quicker" in first
    assert second.startswith("exit4 is less accurate (0.65) than exit2 (0.67)")
