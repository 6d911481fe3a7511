"""Costs that are read from a pipeline's files."""

from __future__ import annotations

from edgent.latency.loading import load_cost_table, usual_overhead_bytes
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.shipped import shipped_pipelines
from edgent.spec import read_spec


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
