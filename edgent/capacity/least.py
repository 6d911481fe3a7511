"""The least number with which something holds: doubled or halved from a guess, then bisected."""

from collections.abc import Callable


def least(holds: Callable[[int], bool], guess: int, most: int) -> int | None:
    """The least number from 1 to ``most`` for which something holds that holds for every greater one.

    Args:
        holds: asked once of each number that is tried.
        guess: where to begin; a good one saves trials.
        most: the greatest number.

    Returns:
        The number; None: it does not hold for the greatest.

    >>> least(lambda number: number >= 37, guess=10, most=100)
    37
    """
    number = min(max(guess, 1), most)
    if holds(number):
        above = number
        below = number // 2
        while below and holds(below):
            above, below = below, below // 2
    else:
        below = number
        above = min(2 * number, most)
        while below < above and not holds(above):
            below, above = above, min(2 * above, most)
        if below == above:
            return None
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (below, middle) if holds(middle) else (middle, above)
    return above
