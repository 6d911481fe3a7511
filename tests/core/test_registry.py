"""Names find items of ours, of a program, and of installed packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edgent.bandwidth.forecasts import FORECASTS
from edgent.bandwidth.trace_formats.registry import TRACE_FORMATS
from edgent.bandwidth.trace_formats.two_columns import TwoColumns
from edgent.core import registry
from edgent.core.registry import Registry, added_by
from edgent.datasets.digits import Digits
from edgent.datasets.registry import DATASETS
from edgent.errors import EdgentError, PluginError, UnknownNameError
from edgent.planning.policies.hedged import Hedged
from edgent.planning.policies.registry import POLICIES, PolicyEntry

if TYPE_CHECKING:
    from pathlib import Path

    from tests.package_fixtures import MadeUpPackage


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
    """What it added itself it may replace: a notebook's cell runs again."""
    shapes.add("triangle", 33)
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
    with pytest.raises(PluginError, match=r"\(made_up:SIDES\) cannot be loaded: .* remove package made-up,"):
        shapes["hexagon"]
    assert shapes["circle"] == 0


def _declare_in_another_package(site_packages: Path, entry_point: str) -> None:
    """A package beside the made-up one, whose items are in the same module."""
    another = site_packages / "another-1.0.dist-info"
    another.mkdir()
    (another / "METADATA").write_text("Metadata-Version: 2.1\nName: another\nVersion: 1.0\n")
    (another / "entry_points.txt").write_text(f"[made_up.shapes]\n{entry_point}\n")


def test_two_packages_with_one_name_are_both_named(
    shapes: Registry[int], made_up_package: MadeUpPackage, tmp_path: Path
) -> None:
    """Neither is taken in silence; where both mean the very same item it does not matter."""
    made_up_package(shapes, "pentagon = made_up:FIVE\nhexagon = made_up:SIX", "FIVE, SIX = 5, 6\n")
    _declare_in_another_package(tmp_path / "site-packages", "pentagon = made_up:FIVE\nhexagon = made_up:FIVE")
    assert shapes["pentagon"] == 5
    with pytest.raises(PluginError, match="packages another and made-up each declare a shape 'hexagon'; "):
        shapes["hexagon"]


def test_a_package_takes_no_name_of_edgents_own(
    shapes: Registry[int], made_up_package: MadeUpPackage, caplog: pytest.LogCaptureFixture
) -> None:
    """It is passed over, which is said once, when packages are looked at."""
    made_up_package(shapes, "circle = made_up:SIDES", "SIDES = 5\n")
    assert list(shapes) == ["circle", "square"]
    assert shapes["circle"] == 0
    assert len(shapes) == 2
    (said,) = caplog.messages
    assert said.startswith("package made-up declares a shape 'circle', which is a name of edgent's own")


def test_packages_that_share_a_module_are_all_named(
    shapes: Registry[int], made_up_package: MadeUpPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said of none alone that the module is its own."""
    monkeypatch.setattr(registry, "_ADDED", {})
    made_up_package(shapes, "pentagon = made_up:FIVE", "FIVE, SIX = 5, 6\n")
    _declare_in_another_package(tmp_path / "site-packages", "hexagon = made_up:SIX")
    assert added_by("made_up") is None
    assert (shapes["pentagon"], shapes["hexagon"]) == (5, 6)
    said = "package made-up or another (shape 'pentagon', shape 'hexagon')"
    assert added_by("made_up.inner") == said


def test_an_item_is_declared_by_where_it_is(shapes: Registry[int], made_up_package: MadeUpPackage) -> None:
    """As an entry point would; another package that declares the very same item does not matter."""
    made_up_package(shapes, "heptagon = made_up:SIDES", "SIDES = 7\n")
    shapes.declare("heptagon", "made_up:SIDES")
    assert shapes["heptagon"] == 7
    with pytest.raises(PluginError, match="there is a shape 'circle' already"):
        shapes.declare("circle", "made_up:SIDES")
    with pytest.raises(PluginError, match=r"shape 'octagon' \(made_up:EIGHT\) cannot be loaded"):
        shapes.declare("octagon", "made_up:EIGHT")


def test_a_kind_may_have_rules(made_up_package: MadeUpPackage) -> None:
    """They hold for what a program adds and for what a package declares; edgent's own keep them anyway."""

    class EvenShapes(Registry[int]):
        def accept(self, name: str, item: int) -> None:
            if item % 2:
                raise PluginError(f"{name} has {item} sides")

    shapes = EvenShapes("shape", "made_up.shapes", {"square": 4})
    made_up_package(shapes, "pentagon = made_up:SIDES", "SIDES = 5\n")
    with pytest.raises(PluginError, match="pentagon has 5 sides"):
        shapes["pentagon"]
    with pytest.raises(PluginError, match="triangle has 3 sides"):
        shapes.add("triangle", 3)
    assert "triangle" not in shapes


@pytest.mark.parametrize(
    ("registry", "item"),
    [
        (POLICIES, Hedged()),  # the policy itself in place of its entry
        (POLICIES, PolicyEntry),
        (FORECASTS, 5),
        (FORECASTS, lambda _: object()),
        (DATASETS, Digits),  # a class in place of an object
        (TRACE_FORMATS, TwoColumns),
        (TRACE_FORMATS, "seconds Mbps"),
    ],
)
def test_what_is_no_item_of_its_kind_is_refused(registry: Registry[Any], item: object) -> None:
    """When it is added, not when it is used."""
    with pytest.raises(PluginError, match=f"{registry.kind} 'made-up' .* must be"):
        registry.add("made-up", item)
    assert "made-up" not in registry
