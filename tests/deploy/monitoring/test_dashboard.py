"""The dashboard: figures that lie beside each other, and metrics that edgent tells."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

from edgent.deploy.monitoring.dashboard import dashboard

METRIC = re.compile(r"\b(?:edgent|ts|haproxy)_[a-z_]+")


def _panels() -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = json.loads(json.dumps(dashboard()))["panels"]
    return panels


def test_no_figure_lies_on_another() -> None:
    """Each has a place of its own within the screen's width, and a number of its own."""
    places = [panel["gridPos"] for panel in _panels()]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in itertools.combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below
    numbers = [panel["id"] for panel in _panels()]
    assert len(set(numbers)) == len(numbers)


def test_every_figure_says_what_it_is() -> None:
    """A title, a unit, a sentence, and a legend for each of its queries."""
    for panel in _panels():
        assert panel["title"]
        if panel["type"] == "row":
            continue
        assert panel["description"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["targets"]
        assert all(target["legendFormat"] for target in panel["targets"])
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_legends_name_labels_that_queries_keep() -> None:
    """What a query sums over is gone from its legend."""
    for panel in _panels():
        for target in panel.get("targets", ()):
            kept = re.search(r"\bby \(([a-z_, ]*)\)", target["expr"])
            for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
                assert kept is None or label in kept[1].split(", "), target


def test_choices_are_among_what_is_told() -> None:
    """Devices and edges by metrics that each of them has."""
    choices = {choice["name"]: choice for choice in dashboard()["templating"]["list"]}
    assert set(choices) == {"datasource", "device", "edge"}
    for name in ("device", "edge"):
        assert METRIC.search(choices[name]["query"]["query"])
