"""The best reward on a known link."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.planning.link import Link
from edgent.planning.policies.known_link import KnownLink
from edgent.planning.reward import reward
from edgent.planning.situation import Situation


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_candidate_has_a_higher_reward(
    data: st.DataObject,
    random_networks: st.SearchStrategy[Any],
    links: st.SearchStrategy[Link],
    requirements: st.SearchStrategy[float],
    log_uniform: type[Any],
) -> None:
    """The forecast plays no part; where all are late the fastest is taken."""
    candidates, link = data.draw(random_networks).candidates, data.draw(links)
    requirement = data.draw(requirements)
    decision = KnownLink().decide(candidates, Situation(link, requirement, log_uniform(1e6)))
    latency = candidates.latency_s(link)
    rewards = reward(latency, candidates.accuracy, requirement)
    assert rewards[decision.index] == rewards.max()
    assert decision.latency_s == latency[decision.index]
    if not rewards.any():
        assert decision.latency_s == latency.min()
