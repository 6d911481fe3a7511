"""What the study of asymmetric links makes of its answers."""

from dataclasses import replace

import pytest

from benchmarks.studies.asymmetric.measure import LEARNING_REQUESTS, RATES_BPS, Asked, links
from benchmarks.studies.asymmetric.report import report
from benchmarks.testbed.device.reply import Reply
from edgent.planning.link import Link
from edgent.planning.plan import Plan

EDGE, HOME = Plan("exit6", 45), Plan("exit6", 0)
LINK = Link(0.05, 2e6, 200e3)
REPLY = Reply(EDGE, EDGE, 0.2, predicted_s=0.21, network_s=0.15, sent_bytes=10_000, received_bytes=500)


def _asked(*after_learning: Reply, last: Link = LINK) -> Asked:
    """What comes before the learning is over is far off."""
    learning = [replace(REPLY, predicted_s=9.0)] * LEARNING_REQUESTS
    return Asked("accurate", "http", LINK, LINK, last, (*learning, *after_learning))


def test_errors_are_those_after_the_learning() -> None:
    """Of plans that were carried out, against what was measured; the sign is kept beside the size."""
    late = replace(REPLY, plan=HOME, predicted_s=5.0)
    asked = _asked(REPLY, replace(REPLY, predicted_s=0.16), REPLY, late)
    assert asked.plan == EDGE
    assert asked.error == pytest.approx(0.05)
    assert asked.bias == pytest.approx(0.05)


def test_an_exchange_is_told_beside_what_the_link_that_is_believed_in_makes_of_it() -> None:
    """Round trip, bytes up and bytes down; at home there is none."""
    assert _asked(REPLY).exchanges_s() == pytest.approx((0.05 + 0.04 + 0.02, 0.15))
    assert _asked(replace(REPLY, network_s=0.0)).exchanges_s() is None


def test_the_facts_say_what_was_reached_and_what_was_not() -> None:
    """Predictions within 5 %, bandwidths within 10 % of the wire's, of links on which the edge was asked."""
    home = replace(REPLY, plan=HOME, wanted=HOME, network_s=0.0)
    asked = [_asked(REPLY, last=Link(0.05, 1.9e6, 150e3)), _asked(replace(home, predicted_s=0.26))]
    measured = report(asked)
    assert measured.facts == [
        "Predictions: 1 of 2 within 5%, 17.5% off in the median, 30% at worst.",
        "Bandwidth of the upload, where the edge was asked: 1 of 1 within 10%.",
        "Bandwidth of the download, where the edge was asked: 0 of 1 within 10%.",
    ]
    predictions, beliefs = measured.tables
    assert [len(table.rows) for table in (predictions, beliefs)] == [2, 1]
    assert beliefs.rows[0][3:5] == ("+0%, -5%", "+0%, -25%")
    assert len(measured.records["requests"]) == 2 * (LEARNING_REQUESTS + 1)


def test_every_pair_of_rates_meets_every_round_trip() -> None:
    """One is ten times the other."""
    found = links((0.0, 0.1))
    assert len(found) == 2 * len(RATES_BPS)
    assert {
        max(link.upload_bps / link.download_bps, link.download_bps / link.upload_bps) for link in found
    } == {10.0}
