"""Names find items of ours, of a program, and of installed packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.core.registry import Registry
from edgent.errors import EdgentError, PluginError, UnknownNameError

if TYPE_CHECKING:
    from package_fixtures import MadeUpPackage


@pytest.fixture
def shapes() -> Registry[int]:
    """Two items of our own."""
    return Registry("shape", "made_up.shapes", {"circle": 0, "square": 4})


def test_an_unknown_name_gets_the_nearest_or_all(shapes: Registry[int]) -> None:
    """It is a KeyError to a mapping's methods and a sentence to a user."""
    with pytest.raises(UnknownNameError, match=r"^no shape 'sqare'; did you mean 'square'\?$"):
        shapes["sqare"]
    with pytest.raises(EdgentError, match=r"^no shape 'xyz'; there are circle, square$"):
        shapes["xyz"]
    assert shapes.get("xyz") is None
    assert "xyz" not in shapes


def test_a_program_adds_items_but_takes_no_name_away(shapes: Registry[int]) -> None:
    """The same item twice is no mistake: a notebook's cell runs again."""
    shapes.add("triangle", 3)
    shapes.add("triangle", 3)
    assert dict(shapes) == {"circle": 0, "square": 4, "triangle": 3}
    with pytest.raises(PluginError, match="there is a shape 'circle' already"):
        shapes.add("circle", 7)


def test_an_installed_package_adds_items(shapes: Registry[int], made_up_package: MadeUpPackage) -> None:
    """By an entry point of the registry's group."""
    made_up_package(shapes, "pentagon = made_up:SIDES", "SIDES = 5\n")
    assert "pentagon" in shapes
    assert shapes["pentagon"] == 5
    assert list(shapes) == ["circle", "square", "pentagon"]
    assert len(shapes) == 3


def test_a_package_that_cannot_be_loaded_is_named(
    shapes: Registry[int], made_up_package: MadeUpPackage
) -> None:
    """The rest goes on working."""
    made_up_package(shapes, "hexagon = made_up:SIDES", "1 / 0\n")
    with pytest.raises(PluginError, match=r"shape 'hexagon' \(made_up:SIDES\) cannot be loaded"):
        shapes["hexagon"]
    assert shapes["circle"] == 0
