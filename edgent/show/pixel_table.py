"""What a network answers in each way to normalise its pixels, as a table to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.table import Table

from edgent.new_pipeline.normalisation import NORMALISATIONS

if TYPE_CHECKING:
    from edgent.new_pipeline.pixel_choice import PixelChoice

LEAST_OF_PIXELS = ("used by",)
"""Headings of the columns that a narrow terminal can do without."""


def pixel_table(choice: PixelChoice) -> Table:
    """Every way that was tried, the best one of what decided first; the one that was taken says so."""
    table = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("pixels", no_wrap=True)
    table.add_column("used by", no_wrap=True)
    table.add_column(
        f"right of {choice.labelled}" if choice.right else "right", justify="right", no_wrap=True
    )
    table.add_column("clarity", justify="right", no_wrap=True)
    for way in sorted(choice.figures, key=lambda way: -choice.figures[way]):
        known = NORMALISATIONS[way]
        table.add_row(
            f"{way}, taken" if known == choice.normalisation else way,
            known.used_by,
            f"{choice.right[way]:.3f}" if choice.right else "no labels",
            f"{choice.clarity[way]:.2f}",
        )
    return table
