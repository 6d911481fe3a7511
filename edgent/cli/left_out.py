"""Says which inputs a command left out, and why."""

from collections.abc import Sequence

from rich.console import Console

_MOST_REASONS = 10


def say_what_was_left_out(left_out: Sequence[str]) -> None:
    """Print the first reasons, and how many more there are, on stderr."""
    console = Console(stderr=True)
    for reason in left_out[:_MOST_REASONS]:
        console.print(f"left out: {reason}", style="yellow", highlight=False, soft_wrap=True, markup=False)
    if len(left_out) > _MOST_REASONS:
        console.print(f"and {len(left_out) - _MOST_REASONS} more", style="yellow", highlight=False)
