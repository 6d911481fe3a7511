"""The same plan asked in two ways: what a comparison adds by itself."""

from collections.abc import Sequence
from statistics import median

from benchmarks.studies.workload.answered import Measured, Subject, median_s
from benchmarks.studies.workload.conditions import Condition
from benchmarks.studies.workload.control import MOST_CONTROL, control_in_words, is_too_far
from benchmarks.studies.workload.methods import AGAIN, DEVICE_ONLY, OURS
from edgent.counted import counted


def uncontrolled(measured: Sequence[Measured]) -> list[Condition]:
    """The links on which the same plan differs too much under two names; none where the median does not."""
    ratios = _again(measured)
    if not is_too_far(ratios):
        return []
    return [
        one.condition for one, ratio in zip(measured, ratios, strict=True) if abs(ratio - 1) > MOST_CONTROL
    ]


def controls(measured: Sequence[Measured]) -> list[str]:
    """The sentences of a report."""
    again, chosen = _again(measured), _chosen(measured)
    twice = control_in_words(again, "link")
    if not chosen:
        return [twice]
    by_itself = (
        f"The same plan takes {median(chosen):.3f} times as long where {OURS} chooses it as where it is "
        f"given, choosing included, in the median of {counted(len(chosen), 'photo')}."
    )
    return [twice, by_itself]


def _again(measured: Sequence[Measured]) -> list[float]:
    """Of each link: how many times as long the same plan takes under its second name."""
    ratios = []
    for one in measured:
        own = next(subjects[0] for subjects in one.candidates[DEVICE_ONLY].values())
        ratios.append(median_s(one.answers[Subject(AGAIN)]) / median_s(one.answers[own]))
    return ratios


def _chosen(measured: Sequence[Measured]) -> list[float]:
    """Of each photo: how many times as long the plan that ours chose takes as the same one that is given."""
    return [
        chosen.latency_s / given.latency_s
        for one in measured
        for subject, answers in one.answers.items()
        if subject.name == OURS
        for number, chosen in enumerate(answers)
        if chosen.plan == chosen.wanted
        for given in one.answers.get(Subject(chosen.wanted), ())[number : number + 1]
        if given.plan == given.wanted
    ]
