"""Costs that are read from a pipeline's files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from edgent.errors import StaleFileError
from edgent.latency.loading import load_cost_table, load_map, usual_overhead_bytes
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.shipped import copy_pipeline, shipped_pipelines
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path


def test_grpc_adds_less_than_http() -> None:
    """Where a spec names gRPC, a plan's messages are as long as gRPC makes them; HTTP's headers else."""
    spec = read_spec(shipped_pipelines()["lenet"])
    http = spec.model_copy(update={"edge": spec.edge.model_copy(update={"grpc_url": None})})
    assert spec.edge.grpc_url is not None
    (up, down), (http_up, http_down) = usual_overhead_bytes(spec), usual_overhead_bytes(http)
    assert 132 < up + down < http_up + http_down  # packet headers alone are 132
    whole = Plan.parse("exit1:p2")
    tables = [load_cost_table(Network.open(one)) for one in (spec, http)]
    sent = [float(table.upload_bytes[table.index_of(whole)]) for table in tables]
    assert sent[1] - sent[0] == http_up - up


@pytest.mark.parametrize(
    ("plan", "before", "now", "problem"),
    [
        ("exit2:p3:webp:float32", "input: [raw, webp]", "input: [raw]", "no input codec 'webp'"),
        ("exit2:p3:uint8", "[float32, uint8]", "[float32]", "no activation codec 'uint8'"),
        ("exit2:p3", "version: 1", "version: 1\nplacement: {device_only: true}", "placement.device_only"),
    ],
    ids=["input codec", "activation codec", "placement"],
)
def test_a_map_of_plans_that_the_spec_offers_no_more(
    tmp_path: Path, plan: str, before: str, now: str, problem: str
) -> None:
    """It is refused as a whole, before a device decides by it."""
    spec = copy_pipeline("lenet", tmp_path)
    file = tmp_path / "lenet" / "configuration_map.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("exit2:p0", plan), encoding="utf-8")
    assert load_map(Network.open(read_spec(spec), tmp_path / "cache")) is not None
    spec.write_text(spec.read_text(encoding="utf-8").replace(before, now), encoding="utf-8")
    with pytest.raises(
        StaleFileError, match=f"{re.escape(plan)}: {problem}.*; run `edgent map .*lenet.yaml`"
    ):
        load_map(Network.open(read_spec(spec), tmp_path / "cache"))
