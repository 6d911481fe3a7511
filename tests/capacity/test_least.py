"""The least number with which something holds, against trying all."""

from hypothesis import given
from hypothesis import strategies as st

from edgent.capacity.least import least


@given(border=st.integers(1, 300), guess=st.integers(0, 400), most=st.integers(1, 250))
def test_it_is_the_least(border: int, guess: int, most: int) -> None:
    """From any guess, with few trials, none of them twice."""
    asked: list[int] = []

    def holds(number: int) -> bool:
        asked.append(number)
        return number >= border

    assert least(holds, guess, most) == (border if border <= most else None)
    assert len(set(asked)) == len(asked) <= 20
    assert all(1 <= number <= most for number in asked)
