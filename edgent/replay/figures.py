"""What replays come to: mean reward, throughput, accuracy, latency, late answers, switches."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgent.replay.simulator import Replay

ORACLE = "oracle"


@dataclass(frozen=True)
class Figures:
    """Means over steps.

    Attributes:
        policy: name of the policy.
        steps: number of inferences.
        paper_reward: exp(accuracy) + throughput if in time, else 0.
        accuracy_reward: exp(accuracy) if in time, else 0.
        throughput: answers a second, as 1 / latency.
        accuracy: of the exits that answered.
        latency_s: mean of the answers in time; None where there are none.
        latency_over_oracle: what these took over what the oracle took for the same inputs, where both were in
            time; None without an oracle, or where they never were.
        late_share: answers after the latency requirement.
        avoidable_late_share: those among them where the oracle was in time; None without an oracle.
        fallback_share: answers of a local exit that stood by.
        switches_per_minute: changes of the plan.
    """

    policy: str
    steps: int
    paper_reward: float
    accuracy_reward: float
    throughput: float
    accuracy: float
    latency_s: float | None
    latency_over_oracle: float | None
    late_share: float
    avoidable_late_share: float | None
    fallback_share: float
    switches_per_minute: float


def figures_of(replays: Sequence[Replay], oracle: Sequence[Replay] | None = None) -> Figures:
    """Figures of one policy over one or more traces.

    Args:
        replays: of one policy.
        oracle: the oracle's replays of the same traces.
    """
    late = np.concatenate([replay.late for replay in replays])
    latency_s = np.concatenate([replay.latency_s for replay in replays])
    minutes = sum(replay.duration_s for replay in replays) / 60
    avoidable = over_oracle = None
    if oracle is not None:
        oracle_late = np.concatenate([replay.late for replay in oracle])
        avoidable = float((late & ~oracle_late).mean())
        both = ~late & ~oracle_late
        if both.any():
            oracle_s = np.concatenate([replay.latency_s for replay in oracle])
            over_oracle = float(latency_s[both].sum() / oracle_s[both].sum())
    return Figures(
        policy=replays[0].policy,
        steps=late.size,
        paper_reward=float(np.concatenate([replay.reward(1.0) for replay in replays]).mean()),
        accuracy_reward=float(np.concatenate([replay.reward(0.0) for replay in replays]).mean()),
        throughput=float(np.concatenate([replay.throughput for replay in replays]).mean()),
        accuracy=float(np.concatenate([replay.accuracy for replay in replays]).mean()),
        latency_s=None if late.all() else float(latency_s[~late].mean()),
        latency_over_oracle=over_oracle,
        late_share=float(late.mean()),
        avoidable_late_share=avoidable,
        fallback_share=float(np.concatenate([replay.fell_back for replay in replays]).mean()),
        switches_per_minute=sum(replay.switches for replay in replays) / minutes,
    )


def figures_by_policy(replays: Sequence[tuple[Replay, ...]]) -> list[Figures]:
    """Figures of every policy over all traces.

    Args:
        replays: for each trace those of all policies, in the same order.
    """
    columns = list(zip(*replays, strict=True))
    oracle = next((column for column in columns if column[0].policy == ORACLE), None)
    return [figures_of(column, oracle) for column in columns]
