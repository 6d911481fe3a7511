"""Photos of a few classes, drawn: easy to tell apart, of many sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

COLOURS = {"blue": (40, 60, 200), "green": (40, 190, 60), "red": (210, 50, 40)}


def draw(label: str, random: np.random.Generator) -> Image.Image:
    """A noisy field of the class's colour, brighter or darker, wide or high."""
    width, height = random.integers(18, 40, 2)
    pixels = np.array(COLOURS[label]) * random.uniform(0.5, 1.2) + random.normal(0, 25, (height, width, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def labelled(folder: Path, count: int = 16, seed: int = 0) -> Path:
    """So many photos of every class, in a folder for each."""
    random = np.random.default_rng(seed)
    for label in COLOURS:
        (folder / label).mkdir(parents=True)
        for number in range(count):
            draw(label, random).save(folder / label / f"{number:02d}.png")
    return folder


def unlabelled(folder: Path, count: int = 40, seed: int = 0) -> Path:
    """So many photos in one folder."""
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    for number in range(count):
        draw(list(COLOURS)[number % len(COLOURS)], random).save(folder / f"{number:02d}.png")
    return folder
