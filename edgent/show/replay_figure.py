"""Replays as a figure: throughput and reward over the steps (the paper's dynamic figures)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from edgent.planning.costs import ACCURACY
from edgent.replay.simulator import Replay
from edgent.show.replay_table import reward_in_words

_STYLES = ("-", "--", "-.", ":")


def replay_figure(
    replays: Sequence[tuple[Replay, ...]], throughput_weight: float, measure: str = ACCURACY
) -> Figure:
    """Cumulative distributions over all steps, one line for each policy.

    Args:
        replays: for each trace the replays of all policies.
        throughput_weight: weight of the throughput in the reward that is drawn.
        measure: what accuracy is measured by.
    """
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    of_throughput, of_reward = figure.subplots(1, 2)
    for number, column in enumerate(zip(*replays, strict=True)):
        throughput = np.concatenate([replay.throughput for replay in column])
        reward = np.concatenate([replay.reward(throughput_weight) for replay in column])
        for axes, values in ((of_throughput, throughput), (of_reward, reward)):
            axes.step(
                np.sort(values),
                (np.arange(values.size) + 1) / values.size,
                where="post",
                linestyle=_STYLES[number % len(_STYLES)],
                linewidth=1.5,
                label=column[0].policy,
            )
    of_throughput.set(
        xlabel="throughput (answers/s)", ylabel="share of steps at or below", title="Throughput"
    )
    of_reward.set(
        xlabel=f"reward: {reward_in_words(throughput_weight, measure)} if in time, else 0",
        ylabel="share of steps at or below",
        title="Reward",
    )
    for axes in (of_throughput, of_reward):
        axes.set_ylim(0, 1.01)
        axes.grid(visible=True, alpha=0.3)
    handles, labels = of_reward.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center", fontsize="small")
    return figure
