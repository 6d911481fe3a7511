"""One of two edges is drained or slowed to a tenth: the other one answers, and the device never has to."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from benchmarks.studies.faults.measure import Outcome, Subject
from benchmarks.testbed.edge.edge_under_test import EdgeUnderTest
from benchmarks.testbed.judge import Judge
from device_runtime.runtime import DeviceRuntime
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.network import Network

pytestmark = [pytest.mark.torchserve, pytest.mark.full]  # the same without TorchServe: test_several_edges.py
HEAD, PLAN = "tiny-p02", Plan("exit2", 2, "raw", "float32")
REQUIREMENT_S = 2.0
KNOWN_AFTER, MOST = 50, 300


@dataclass(frozen=True)
class Two:
    """Edges ``a`` and ``b``, and a spec that lists them in this order."""

    a: EdgeUnderTest
    spec: Path
    judge: Judge
    images: np.ndarray

    def subject(self, stack: ExitStack, cache: Path) -> Subject:
        """A device of both, with a plan that is given: it asks ``a`` while that may be asked."""
        runtime = stack.enter_context(DeviceRuntime.open(self.spec, plan=PLAN, cache=cache))
        return Subject(runtime, self.images, self.judge, REQUIREMENT_S)


@pytest.fixture(scope="module")
def two(tiny_network: Network, tiny_spec: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """Both serve."""
    folder = tmp_path_factory.mktemp("two")
    images = np.random.default_rng(11).integers(0, 256, (20, 3, 8, 8), np.uint8)
    with ExitStack() as stack:
        edges = {}
        for name in ("a", "b"):
            (folder / name).mkdir()
            edges[name] = stack.enter_context(EdgeUnderTest(tiny_network, [HEAD], folder / name))
        declared = yaml.safe_load(tiny_spec.read_text(encoding="utf-8"))
        declared["edges"] = [
            {"name": name, "inference_url": edge.url, "token_file": str(edge.token_file)}
            for name, edge in edges.items()
        ]
        shutil.copy(tiny_spec.parent / declared["model"]["file"], folder)
        spec = folder / tiny_spec.name
        spec.write_text(yaml.safe_dump(declared), encoding="utf-8")
        yield Two(edges["a"], spec, Judge(tiny_network, images), images)


def test_an_edge_that_is_drained(two: Two, tmp_path: Path) -> None:
    """The first request finds that it has no worker, and all are answered by the other edge."""
    outcome = Outcome()
    with ExitStack() as stack:
        subject = two.subject(stack, tmp_path)
        assert subject.runtime.infer(two.images[0], REQUIREMENT_S).edge == "a"
        stack.enter_context(two.a.drained_server())
        answers = [subject.ask(k, outcome) for k in range(12)]
    assert (outcome.raised, outcome.wrong, outcome.reasons.total()) == (0, 0, 0)
    assert [answer and answer.edge for answer in answers] == ["b"] * 12
    assert answers[0] is not None
    assert answers[0].passed_over is not None
    assert answers[0].passed_over.startswith("a: ")


def test_an_edge_that_is_slowed_to_a_tenth(two: Two, tmp_path: Path) -> None:
    """Its answer is overdue, and the other edge gives it."""
    outcome = Outcome()
    with ExitStack() as stack:
        subject = two.subject(stack, tmp_path)
        for k in range(KNOWN_AFTER):
            subject.ask(k, outcome)
        stack.enter_context(two.a.slowed_server())
        answers = (subject.ask(k, outcome) for k in range(MOST))
        by_other = next((answer for answer in answers if answer and answer.edge == "b"), None)
    assert (outcome.raised, outcome.wrong, outcome.reasons.total()) == (0, 0, 0)
    assert max(outcome.overshoots_s) < 0
    assert by_other is not None
    assert "usually answers within" in (by_other.passed_over or "")
