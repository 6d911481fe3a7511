"""What the report of leaving early says of made-up measurements."""

from dataclasses import replace

from benchmarks.studies.leaving.leaving import Asked
from benchmarks.studies.leaving.report import report
from benchmarks.testbed.device.reply import Reply
from edgent.planning.plan import Plan

PLAN, EARLY = Plan.parse("exit6:p24-p45"), Plan.parse("exit6:p24-p45+early")
WITHOUT = Reply(PLAN, PLAN, 0.1, sent_bytes=1000, received_bytes=200)
LEFT = Reply(Plan.device_only("exit3"), EARLY, 0.04)
ALONE = replace(LEFT, plan=Plan.device_only("exit6"), wanted=Plan.device_only("exit6"))


def test_ratios_are_of_means() -> None:
    """One of two photos leaves, and what leaves on the device sends nothing."""
    said = report(
        [
            Asked("device first", 0.01, EARLY, 0.06, (LEFT, replace(WITHOUT, latency_s=0.12))),
            Asked("device first", None, PLAN, 0.11, (WITHOUT, WITHOUT)),
        ]
    )
    assert said.facts == ["device first: with a rule 0.80 times as long and 50% of the bytes at loss 0.01."]
    assert said.tables[0].rows[0][2:] == ("0.01", "50%", "60.0", "80.0", "0.80", "600", "50%")
    assert said.tables[0].rows[1][2:] == ("none", "0%", "110.0", "100.0", "1.00", "1,200", "100%")
    assert [photo.latency_s for photo in said.records["leaving"]] == [0.04, 0.12, 0.1, 0.1]


def test_a_device_alone_sends_nothing_to_compare() -> None:
    """And the report says nothing of bytes."""
    alone = Plan.device_only("exit6")
    said = report(
        [
            Asked("device-only", 0.02, replace(alone, leaves_early=True), 0.03, (LEFT,)),
            Asked("device-only", None, alone, 0.05, (replace(ALONE, latency_s=0.05),)),
        ]
    )
    assert said.facts == ["device-only: with a rule 0.80 times as long at loss 0.02."]
    assert said.tables[0].rows[0][-2:] == ("0", "")
