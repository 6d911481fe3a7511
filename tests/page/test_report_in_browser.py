"""The report in a real browser: what it shows is what was recorded, and it fits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.recorded import ALONE, ANSWER, LINK, STARTED_S, history

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser_fixtures import Browser

pytestmark = pytest.mark.slow
EVIL = "</script><script>window.evil = true</script>"
ANSWERS = [
    replace(
        ANSWER if number % 3 else ALONE,
        index=number,
        time_s=STARTED_S + number,
        latency_ms=20.0 + 7.5 * number,
        edges=(LINK,) if number % 2 else None,
        label=EVIL,
    )
    for number in range(15)
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report."""
    report = pytest.importorskip("edgent.page.report")
    file: Path = tmp_path_factory.mktemp("report") / "page.html"
    file.write_text(report.report_page(history(*ANSWERS)), encoding="utf-8")
    return file


def test_its_values_are_the_recorded_ones(browser: Browser, page: Path) -> None:
    """In figures and in words."""
    browser.open(page.as_uri())

    assert browser.column("answers", "latency_ms") == [answer.latency_ms for answer in ANSWERS]
    assert browser.column("answers", "requirement_ms") == [100.0] * 15
    assert browser.column("answers", "exit") == [answer.exit for answer in ANSWERS]
    assert browser.column("answers", "plan") == [answer.plan for answer in ANSWERS]
    assert browser.column("answers", "accuracy_percent") == pytest.approx(
        [100 * (answer.accuracy or 0) for answer in ANSWERS]
    )
    assert browser.column("link hall", "time_s") == [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0]
    assert browser.column("link hall", "upload_low_kbps") == [400.0] * 7
    assert browser.column("link hall", "download_mean_kbps") == [5120.0] * 7
    late = sum(answer.is_late for answer in ANSWERS)
    assert f"Answers 15 {100 * (1 - late / 15):.1f} % in time" in browser.text
    assert "Last latency 125 ms of 100 ms" in browser.text
    assert "Upload 640 kbps 80 % between 400 kbps and 900 kbps" in browser.text
    assert "5 33.3 % exit1:p0" in browser.text
    assert browser.errors == []


def test_nothing_that_was_recorded_is_run(browser: Browser, page: Path) -> None:
    """A label may be any text."""
    browser.open(page.as_uri())

    assert browser.column("answers", "label") == [EVIL] * 15
    assert browser.run("return window.evil === undefined")


@pytest.mark.parametrize("width_pixels", [400, 800, 1280, 1920])
def test_it_is_as_wide_as_the_window(browser: Browser, page: Path, width_pixels: int) -> None:
    """Nothing has to be scrolled sideways to, nor lies over something else."""
    browser.open(page.as_uri(), width_pixels)

    assert browser.run("return document.documentElement.scrollWidth <= window.innerWidth")
    overlaps = """
      const boxes = [...document.querySelectorAll("section")].map(section => section.getBoundingClientRect())
      const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top
      return boxes.some((a, i) => boxes.slice(i + 1).some(b => !apart(a, b)))
    """
    assert not browser.run(overlaps)


def test_a_long_name_stays_in_its_tile(browser: Browser, tmp_path: Path) -> None:
    """Also where it may be broken nowhere."""
    report = pytest.importorskip("edgent.page.report")
    gone = replace(LINK, absence=100 * "x")
    recorded = history(replace(ANSWER, plan=60 * "y", edges=(gone,)), measure=50 * "z")
    (tmp_path / "page.html").write_text(report.report_page(recorded), encoding="utf-8")
    browser.open((tmp_path / "page.html").as_uri())
    wider = """
      const below = node => [node, ...[...(node.shadowRoot?.children ?? []), ...node.children].flatMap(below)]
      return below(document.body).filter(node => node.matches(".tiles div"))
        .map(tile => tile.scrollWidth - tile.clientWidth)
    """
    assert browser.run(wider) == [0] * 8


def test_figures_follow_the_colour_scheme(browser: Browser, page: Path) -> None:
    """As the rest of the page does by its style sheet."""
    ink = {}
    for dark in (False, True):
        browser.open(page.as_uri(), dark=dark)
        ink[dark] = browser.wait_for(
            'return Bokeh.documents[0].get_model_by_name("latency").below[0].axis_label_text_color'
        )
        ground = browser.run("return getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(16, 20, 24)" if dark else "rgb(245, 246, 247)")
    assert ink == {False: "#5a636d", True: "#a3adb7"}
