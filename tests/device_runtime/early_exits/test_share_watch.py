"""What a device counts at exits: each is compared with those that came the same way, and told of once."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from device_runtime.early_exits.share_watch import ShareWatch, Way
from edgent.accuracy.exit_rule_file import SureInputs
from edgent.exits.rules.share_drift import AtExit
from edgent.planning.plan import RAW

TOGETHER = [
    SureInputs(("exit1", "exit2"), 100, (90, 95, 99)),
    SureInputs(("exit2",), 450, (90, 440, 445)),
    SureInputs((), 450, (90, 300, 400)),
]
NOBODY = frozenset[str]()
FIRST, BEHIND = Way("exit1", NOBODY, RAW), Way("exit2", frozenset({"exit1"}), RAW)
ALONE, BLURRED = Way("exit2", NOBODY, RAW), Way("exit2", NOBODY, "jpeg")


@pytest.fixture
def watch() -> ShareWatch:
    """Two exits; a tenth of the held-out inputs leave at the first, and half of the others at the second."""
    together = {RAW: TOGETHER, "jpeg": TOGETHER[1:]}
    return ShareWatch(["exit1", "exit2"], together, Path("pets.yaml"))


def test_an_exit_counts_those_that_come_to_it(watch: ShareWatch) -> None:
    """In one go, or before and inside a window; by each way by itself."""
    watch.observe((), ("exit1",), "exit1")
    watch.observe((), ("exit1", "exit2"), None)
    watch.observe((), ("exit1",), None)
    watch.observe(("exit1",), ("exit2",), "exit2")
    watch.observe((), ("exit2",), "exit2", "webp")
    watch.observe((), ("exit2",), None, "jpeg")
    assert watch.running == {
        FIRST: AtExit(1, 3),
        BEHIND: AtExit(1, 2),
        ALONE: AtExit(1, 1),
        BLURRED: AtExit(0, 1),
    }
    assert watch.take_news() is None


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
        "hold; run `edgent evaluate pets.yaml --exit-rule --images FOLDER` with inputs of today."
    )
    assert watch.reports == [news] == caplog.messages
    assert watch.running[FIRST] == AtExit(200, 200)


def test_each_exit_is_told_of_by_itself(watch: ShareWatch) -> None:
    """The second one, too, where nobody leaves at either any more."""
    for _ in range(200):
        watch.observe((), ("exit1", "exit2"), None)
    assert len(watch.reports) == 2
    assert "came to exit2, 0.0% left there early, of the 900 held-out ones 50.0% did" in watch.reports[0]
    assert "came to exit1, 0.0% left there early, of the 1000 held-out ones 10.0% did" in watch.reports[1]


@pytest.mark.parametrize(
    ("before", "codec", "share"), [((), RAW, 0.55), (("exit1",), RAW, 0.5), ((), "jpeg", 0.5)]
)
def test_what_is_as_it_was_is_never_told_of(
    before: tuple[str, ...], codec: str, share: float, watch: ShareWatch
) -> None:
    """The share that leaves at an exit depends on which were asked before: each way has its own."""
    random = np.random.default_rng(3)
    for leaves in random.random(3000) < share:
        watch.observe(before, ("exit2",), "exit2" if leaves else None, codec)
    assert watch.reports == []


def test_a_share_that_another_way_would_have_is_drift(watch: ShareWatch) -> None:
    """Behind the first exit the second one is left at by half; if nearly all leave, inputs are easier."""
    for _ in range(100):
        watch.observe(("exit1",), ("exit2",), "exit2")
    (report,) = watch.reports
    assert "of the 900 held-out ones 50.0% did" in report
