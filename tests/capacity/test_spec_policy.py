"""The policy that a spec's devices follow."""

from pathlib import Path

import pytest

from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.capacity.spec_policy import SteadyLink, spec_policy
from edgent.errors import PlanError, StaleFileError
from edgent.network import Network
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.objective import USUAL_OBJECTIVE
from edgent.planning.policies.expected import ExpectedReward
from edgent.planning.policies.hedged import Hedged
from edgent.planning.policies.least_cost import LeastCost
from edgent.planning.policies.policy import Policy
from edgent.planning.situation import Situation
from edgent.shipped import spec_path
from edgent.spec import read_spec


def _policy(tmp_path: Path, bandwidth: str, more: str = "") -> Policy:
    """That of LeNet under another environment."""
    lines = spec_path(Path("lenet")).read_text(encoding="utf-8").splitlines()
    folder = spec_path(Path("lenet")).parent
    kept = [line.replace("lenet/", f"{folder}/lenet/") for line in lines if not line.startswith("bandwidth:")]
    spec = tmp_path / "spec.yaml"
    spec.write_text("\n".join([*kept, f"bandwidth: {bandwidth}", more]), encoding="utf-8")
    return spec_policy(Network.open(read_spec(spec), tmp_path / "cache"))


def test_the_policy_is_the_specs(tmp_path: Path) -> None:
    """As the runtime opens it."""
    assert _policy(tmp_path, "{environment: dynamic}") == Hedged()
    assert _policy(tmp_path, "{environment: dynamic}", "device: {hedge: false}") == ExpectedReward()
    asked = "{environment: dynamic, policy: expected, reward: paper}"
    assert _policy(tmp_path, asked) == ExpectedReward(throughput_weight=1.0)
    assert isinstance(_policy(tmp_path, "{environment: dynamic}", "objective: bytes"), LeastCost)
    assert _policy(tmp_path, "{environment: static}") == SteadyLink(USUAL_OBJECTIVE)
    with pytest.raises(PlanError, match="configuration map"):
        _policy(tmp_path, "{environment: dynamic, policy: paper}")
    with pytest.raises(StaleFileError, match=r"gone\.yaml"):  # no device opens with it
        _policy(tmp_path, "{environment: dynamic, forecast: change-point, map: gone.yaml}")


def test_a_steady_link_is_planned_for_at_its_mean(candidates: CostTable) -> None:
    """The deepest exit in time; the edge's only where it does not wait too long."""
    forecast = MovingAverageForecast()
    forecast.update(1e7)
    quick, busy = (
        SteadyLink(USUAL_OBJECTIVE).decide(candidates, Situation(Link(trip_s, 1e6, 1e6), 0.03, forecast))
        for trip_s in (0.001, 0.05)
    )
    assert (str(quick.plan), str(busy.plan)) == ("exit2:p2", "exit1:p0")
