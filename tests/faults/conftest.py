"""A device behind a faulty link, in front of a real TorchServe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.studies.faults.measure import Subject
from benchmarks.testbed.edge.edge_under_test import EdgeUnderTest
from benchmarks.testbed.faults.faulty_link import FaultyLink
from benchmarks.testbed.judge import Judge
from device_runtime.runtime import DeviceRuntime
from edgent.edge.limits import ServingLimits
from edgent.planning.plan import Plan
from tests.torchserve_fixtures import ended_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.network import Network

HEADS = ["tiny-p02", "tiny-exit2-p08"]
PLAN = Plan("exit2", 2, "raw", "float32")
REQUIREMENT_S = 0.08
RESPONSE_TIMEOUT_S = 5  # the least of a profiled pipeline; this one has no profile, which would mean 20


@pytest.fixture(scope="package")
def served(tiny_network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeUnderTest]:
    """A TorchServe with an inner cut and an edge-only head."""
    folder = tmp_path_factory.mktemp("edge")
    with pytest.MonkeyPatch.context() as patched:
        limits = ServingLimits(response_timeout_s=RESPONSE_TIMEOUT_S)
        patched.setattr("edgent.edge.head_archive.serving_limits", lambda *_: limits)
        served = EdgeUnderTest(tiny_network, HEADS, folder)
    with served:
        yield served
        with ended_at_once(served.server):
            pass


@pytest.fixture(scope="package", params=["http", "grpc"])
def edge(request: pytest.FixtureRequest, served: EdgeUnderTest) -> EdgeUnderTest:
    """That server, asked by either of its interfaces."""
    served.interface = request.param
    return served


@pytest.fixture(scope="package")
def link(edge: EdgeUnderTest) -> Iterator[FaultyLink]:
    """The link to it."""
    with FaultyLink(edge.url) as link:
        yield link


@pytest.fixture(scope="package")
def subject(
    edge: EdgeUnderTest, link: FaultyLink, tiny_spec: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Subject]:
    """A device that always wants the head's help, with what the unsplit network says of its images."""
    images = np.random.default_rng(11).integers(0, 256, (20, 3, 8, 8), np.uint8)
    judge = Judge(edge.network, images)
    cache = tmp_path_factory.mktemp("cache")
    with DeviceRuntime.open(
        tiny_spec, plan=PLAN, inference_url=link.url, token_file=edge.token_file, cache=cache
    ) as runtime:
        yield Subject(runtime, images, judge, REQUIREMENT_S)
