"""A server, or a store, that has nothing of the pipeline."""

from __future__ import annotations

import datetime as dt

import pytest

from edgent.doctor.checks import CHECKS
from edgent.doctor.observations import Connection, Keys, Observations, Reply

UNKNOWN = Reply(404, b'{"message": "Model not found"}')


@pytest.mark.parametrize(
    ("built", "remedy"),
    [
        (None, "edgent archive net.yaml --store mars, and restart TorchServe with that store"),
        (frozenset[str](), "edgent archive net.yaml --store mars, and restart TorchServe with that store"),
        (frozenset({"net-p1"}), "restart TorchServe with mars, whose manifest lists 1 of them"),
    ],
    ids=["no store", "a store of others", "a store that is not served"],
)
def test_a_server_that_serves_nothing_of_the_pipeline(built: frozenset[str] | None, remedy: str) -> None:
    """What is missing is said, and the command that mends it; nothing is taken to be served."""
    seen = Observations(
        url="http://127.0.0.1:8080",
        on_this_host=True,
        now=dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc),
        connection=Connection(),
        keys=Keys("key_file.json", "a", "b"),
        heads={"net-p1": UNKNOWN, "net-p2": UNKNOWN},
        pipeline=UNKNOWN,
        pipeline_name="net",
        version="0123456789ab",
        spec_file="net.yaml",
        store="mars",
        built=built,
    )
    [known], [pipeline] = CHECKS["heads known"](seen), CHECKS["pipeline"](seen)
    assert (known.state, pipeline.state) == ("wrong", "warning")
    assert known.finding == "none of the 2 heads of net 0123456789ab is served"
    assert known.remedy == remedy
    assert pipeline.finding == "no net 0123456789ab: devices answer alone"
    assert pipeline.remedy.startswith("edgent archive net.yaml --store mars")
