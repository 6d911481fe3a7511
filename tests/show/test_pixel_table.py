"""The ways to normalise pixels that were tried, side by side."""

from rich.console import Console

from edgent.new_pipeline.normalisation import NORMALISATIONS
from edgent.new_pipeline.pixel_choice import RIGHT, PixelChoice
from edgent.show.pixel_table import pixel_table

CLARITY = {"imagenet": 0.9, "unit": 0.4}


def _lines(choice: PixelChoice) -> list[str]:
    console = Console(width=100)
    with console.capture() as shown:
        console.print(pixel_table(choice))
    return shown.get().splitlines()


def test_every_way_has_its_accuracy() -> None:
    """The best of what decided comes first, and is marked."""
    choice = PixelChoice(NORMALISATIONS["unit"], CLARITY, {"imagenet": 0.451, "unit": 0.571}, 91, RIGHT)
    text = "\n".join(_lines(choice))
    assert "right of 91" in text
    assert text.index("unit, taken") < text.index("imagenet")
    assert "0.571" in text
    assert "0.451" in text


def test_without_labels_there_is_none() -> None:
    """Only how clear the answers are."""
    text = "\n".join(_lines(PixelChoice(NORMALISATIONS["imagenet"], CLARITY)))
    assert text.index("imagenet, taken") < text.index("unit")
    assert "no labels" in text
