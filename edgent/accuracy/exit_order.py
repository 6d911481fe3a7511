"""Exits that are deeper than another one and less accurate: work for nothing, which people are told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def exit_order_lines(accuracies: Mapping[str, float]) -> list[str]:
    """A sentence on each exit that is less accurate than a shallower one.

    Args:
        accuracies: of every exit without loss, shallow to deep, 0 to 1.
    """
    lines: list[str] = []
    best = next(iter(accuracies), "")
    for name, accuracy in accuracies.items():
        if accuracy < accuracies[best]:
            lines.append(
                f"{name} is less accurate ({accuracy:.4g}) than {best} ({accuracies[best]:.4g}), which is "
                f"shallower: plans count it as {best}, and take whichever is quicker; train {name} longer, "
                "or leave it out of the spec's exits"
            )
        else:
            best = name
    return lines
