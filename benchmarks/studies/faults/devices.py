"""The devices under test: with a fixed plan, with plans from a policy, with and without a hedge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.testbed.trial import open_trial, write_changed, write_slowed_spec
from device_runtime.runtime import DeviceRuntime
from edgent.latency.loading import load_cost_table
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.planning.plan import Plan
    from edgent.spec import Pipeline

_SLOWER = 3000.0
"""How much slower than measured the planned device is made out to be, so that it wants an edge next door."""
_NEXT_DOOR = Link(2e-3, 1e8, 1e8)
_EXACT = {"input": ["raw"], "activation": ["float32"]}
"""Codecs without loss: answers are compared with those of the unsplit network, logit by logit."""


@dataclass(frozen=True)
class Devices:
    """Makes device runtimes for one pipeline and one edge, with their files in a folder."""

    pipeline: Pipeline
    plan: Plan
    folder: Path
    token_file: Path

    def fixed(self, url: str, *, hedge: bool = True) -> DeviceRuntime:
        """A device that always wants the same plan."""
        file = self.folder / f"hedge-{hedge}.yaml"
        return self._open(write_changed(self.pipeline, file, device={"hedge": hedge}), url, self.plan)

    def planned(self, url: str) -> DeviceRuntime:
        """A device that a policy plans for, made out to be slow: its own exits are never the plan."""
        return self._open(self._slowed(), url, None)

    def wanted_plans(self) -> list[Plan]:
        """The fixed plan, and the plan that the slow device wants on a link next door."""
        table = load_cost_table(open_trial(self._slowed()))
        return [self.plan, exit_search(table, _NEXT_DOOR, self.pipeline.latency_requirement_s).plan]

    def _slowed(self) -> Path:
        bandwidth = {"environment": "dynamic", "policy": "expected", "reward": "paper"}
        return write_slowed_spec(
            self.pipeline, self.folder / "slowed", _SLOWER, bandwidth=bandwidth, codecs=_EXACT
        )

    def _open(self, spec: Path, url: str, plan: Plan | None) -> DeviceRuntime:
        cache = self.folder / "cache"
        return DeviceRuntime.open(spec, plan=plan, inference_url=url, token_file=self.token_file, cache=cache)
