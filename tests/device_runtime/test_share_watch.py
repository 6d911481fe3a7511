"""What a device counts at exits: comparable inputs alone; each exit that has drifted is told of once."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from device_runtime.share_watch import ShareWatch, held_out_leaving
from edgent.accuracy.exit_rule_file import CalibratedRule, ExitUnderRule
from edgent.exits.rules.share_drift import Leaving
from edgent.generated_file import Provenance

HELD_OUT = {"exit1": Leaving(100, 1000), "exit2": Leaving(450, 900)}


@pytest.fixture
def watch() -> ShareWatch:
    """Two exits."""
    return ShareWatch(HELD_OUT, Path("pets.yaml"))


def test_an_exit_counts_those_that_come_to_it(watch: ShareWatch) -> None:
    """In one go, or before and inside a window."""
    watch.observe((), ("exit1",), "exit1")
    watch.observe((), ("exit1", "exit2"), None)
    watch.observe((), ("exit1",), None)
    watch.observe(("exit1",), ("exit2",), "exit2")
    assert watch.running == {"exit1": Leaving(1, 3), "exit2": Leaving(1, 2)}
    assert watch.take_news() is None


def test_an_exit_that_is_asked_without_those_before_it_does_not_count(watch: ShareWatch) -> None:
    """Easy inputs come to it that had left before when the rule was found."""
    for _ in range(1000):
        watch.observe((), ("exit2",), "exit2")
        watch.observe(("exit0",), ("exit1", "exit3"), None)
    assert watch.running == {"exit1": Leaving(0, 0), "exit2": Leaving(0, 0)}
    assert watch.reports == []


def test_drift_is_told_of_once(watch: ShareWatch, caplog: pytest.LogCaptureFixture) -> None:
    """In one line, with both shares and what to do."""
    caplog.set_level(logging.WARNING)
    said = []
    for _ in range(200):
        watch.observe((), ("exit1",), "exit1")
        said.append(watch.take_news())
    (news,) = filter(None, said)
    came = said.index(news) + 1
    assert came < 20
    assert news == (
        f"of {came} inputs that came to exit1, 100.0% left there early, of the 1000 held-out ones 10.0% did: "
        "inputs are no longer like those that the exit rule was found on, and what it guarantees may not "
        "hold; run `edgent evaluate pets.yaml --exit-rule` on inputs of today."
    )
    assert watch.reports == [news] == caplog.messages
    assert watch.running["exit1"] == Leaving(200, 200)


def test_the_other_exit_is_still_watched(watch: ShareWatch) -> None:
    """Each is told of by itself."""
    for _ in range(200):
        watch.observe((), ("exit1", "exit2"), None)
    assert [report.split(", ")[0] for report in watch.reports] == [
        f"of {report.split()[1]} inputs that came to {exit_name}"
        for report, exit_name in zip(watch.reports, ("exit2", "exit1"), strict=True)
    ]


def test_what_the_file_says_of_held_out_inputs() -> None:
    """Those that come to an exit have left at none before; an exit that is never asked is none of them."""
    exits = (
        ExitUnderRule("exit1", 0.7, 0.9, 0.2, 1.0, 0.7),
        ExitUnderRule("exit2", 0.8, None, 0.0, None, 0.7),
        ExitUnderRule("exit3", 0.8, 0.9, 0.333333, 1.0, 0.7),
        ExitUnderRule("exit4", 0.9, None, 0.0, None, 0.8),
    )
    made_by = Provenance.here_and_now("0" * 64, "test")
    calibrated = CalibratedRule(made_by, "margin", 0.01, 0.95, 300, "accuracy", exits)
    assert held_out_leaving(calibrated) == {"exit1": Leaving(60, 300), "exit3": Leaving(100, 240)}
