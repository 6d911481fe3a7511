"""What is learnt of each part of each node, and what is not."""

from dataclasses import replace

import numpy as np
import pytest

from device_runtime.learning.calibration import Calibration
from device_runtime.timeline import Timeline
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.plan import Plan
from edgent.planning.stages import Step
from edgent.planning.table_building import build_cost_table

LAYERS = 4
EXIT2_ALONE, EXIT1_ALONE = Plan("exit2", 0), Plan("exit1", 0)
ON_THE_EDGE = Plan("exit2", LAYERS, "jpeg")


@pytest.fixture
def candidates() -> CostTable:
    """Two exits: 10 and 20 ms on the device, a tenth of it on the edge; jpeg takes 8 ms to write."""
    left = np.arange(LAYERS, -1, -1, dtype=np.float64)
    accuracy = {("raw", "float32"): 0.8, ("jpeg", "float32"): 0.8}
    exits = [
        ExitCosts(
            name,
            accuracy,
            (LAYERS - left) * layer_s / 10,
            left * layer_s,
            {"float32": CodecCosts(np.full(LAYERS + 1, 100.0))},
        )
        for name, layer_s in (("exit1", 2.5e-3), ("exit2", 5e-3))
    ]
    codecs = {"raw": CodecCosts(3000.0), "jpeg": CodecCosts(300.0, 8e-3, 0.0, lossless=False)}
    return build_cost_table(NetworkCosts(tuple(exits), codecs))


def _observe(calibration: Calibration, plan: Plan, timeline: Timeline, times: int = 1) -> None:
    for _ in range(times):
        calibration.observe(calibration.profiled.index_of(plan), timeline, 0.0)


def _device_s(calibration: Calibration, plan: Plan) -> float:
    candidates = calibration.table
    return float(candidates.device_compute_s[candidates.index_of(plan)])


def test_nothing_is_learnt_from_nothing(candidates: CostTable) -> None:
    """Until the first request the profiles are all there is, and the candidates are the profiled ones."""
    calibration = Calibration(candidates)
    assert calibration.table is candidates
    assert (calibration.device_factor, calibration.edge_factor) == (1.0, 1.0)


def test_a_plan_that_the_table_leaves_out_can_still_be_named(candidates: CostTable) -> None:
    """An inner window, which is not planned here: nothing is known of it, and nothing is refused."""
    calibration = Calibration(candidates)
    inner = Plan.parse("exit2:p1-p3")
    assert calibration.writing_s(inner) == 0.0
    assert calibration.writing_s(ON_THE_EDGE) > 0.0


def test_a_part_that_was_seen_is_known_by_itself(candidates: CostTable) -> None:
    """Exit 2 takes half as long again, exit 1 what was profiled: after ten requests each, both are known."""
    calibration = Calibration(candidates)
    _observe(calibration, EXIT2_ALONE, Timeline({Step.RUN_DEVICE: 30e-3}), 10)
    _observe(calibration, EXIT1_ALONE, Timeline({Step.RUN_DEVICE: 10e-3}), 10)
    assert _device_s(calibration, EXIT2_ALONE) == pytest.approx(30e-3, rel=0.05)
    assert _device_s(calibration, EXIT1_ALONE) == pytest.approx(10e-3, rel=0.05)


def test_a_part_that_was_not_seen_is_like_its_kind(candidates: CostTable) -> None:
    """A device twice as slow on one tail is taken to be so on the others."""
    calibration = Calibration(candidates)
    _observe(calibration, EXIT2_ALONE, Timeline({Step.RUN_DEVICE: 40e-3}), 30)
    assert calibration.device_factor == pytest.approx(2, rel=0.05)
    assert _device_s(calibration, EXIT1_ALONE) == pytest.approx(20e-3, rel=0.05)


def test_codecs_tell_nothing_of_tails_nor_tails_of_codecs(candidates: CostTable) -> None:
    """What made a near tie of jpeg and the device alone go wrong: each counted for the other."""
    calibration = Calibration(candidates)
    _observe(calibration, EXIT2_ALONE, Timeline({Step.RUN_DEVICE: 30e-3}), 20)
    assert _device_s(calibration, ON_THE_EDGE) == pytest.approx(8e-3)
    _observe(calibration, ON_THE_EDGE, Timeline({Step.ENCODE_UP: 16e-3, Step.RUN_EDGE: 2e-3}), 20)
    assert _device_s(calibration, ON_THE_EDGE) == pytest.approx(16e-3, rel=0.05)
    assert calibration.device_factor == pytest.approx(1.5, rel=0.05)


def test_reading_an_answer_slowly_is_no_matter_of_the_link(candidates: CostTable) -> None:
    """It counts for every plan that reads such an answer, whatever it sent, not where nothing is read."""
    seconds = candidates.seconds.copy()
    seconds[Step.DECODE_DOWN] = candidates.remote * 2e-3
    reading = replace(candidates, seconds=seconds)
    calibration = Calibration(reading)
    _observe(
        calibration,
        ON_THE_EDGE,
        Timeline({Step.ENCODE_UP: 8e-3, Step.RUN_EDGE: 2e-3, Step.DECODE_DOWN: 5e-3}),
        20,
    )
    now_s = calibration.table.seconds[Step.DECODE_DOWN]
    assert now_s[candidates.index_of(Plan("exit2", LAYERS, "raw"))] == pytest.approx(5e-3, rel=0.05)
    assert now_s[candidates.index_of(EXIT2_ALONE)] == 0.0


def test_the_edge_is_learnt_apart(candidates: CostTable) -> None:
    """A loaded edge makes heads slower, no tail."""
    calibration = Calibration(candidates)
    _observe(calibration, ON_THE_EDGE, Timeline({Step.ENCODE_UP: 8e-3, Step.RUN_EDGE: 6e-3}), 20)
    k = candidates.index_of(ON_THE_EDGE)
    assert calibration.table.seconds[Step.RUN_EDGE, k] == pytest.approx(6e-3, rel=0.05)
    assert calibration.edge_factor == pytest.approx(3, rel=0.05)
    assert calibration.device_factor == 1.0


def test_what_is_around_counts_for_every_plan(candidates: CostTable) -> None:
    """A millisecond of Python comes on top everywhere, so it changes no order."""
    calibration = Calibration(candidates)
    for _ in range(10):
        calibration.observe(candidates.index_of(EXIT2_ALONE), Timeline({Step.RUN_DEVICE: 20e-3}), 1e-3)
    more_s = calibration.table.fixed_s(0.0) - candidates.fixed_s(0.0)
    assert more_s == pytest.approx(np.full(len(candidates), 1e-3))
    calibration.observe(candidates.index_of(EXIT2_ALONE), Timeline({Step.RUN_DEVICE: 20e-3}), None)
    assert calibration.table.fixed_s(0.0) - candidates.fixed_s(0.0) == pytest.approx(more_s)


def test_one_request_says_twice_at_most(candidates: CostTable) -> None:
    """A hiccup of a hundred times is no news of a hundred times."""
    calibration = Calibration(candidates)
    _observe(calibration, EXIT2_ALONE, Timeline({Step.RUN_DEVICE: 2.0}))
    assert _device_s(calibration, EXIT2_ALONE) <= 1.8 * 20e-3


def test_factors_are_bounded(candidates: CostTable) -> None:
    """Absurd residuals, however often."""
    calibration = Calibration(candidates)
    _observe(calibration, EXIT2_ALONE, Timeline({Step.RUN_DEVICE: 100.0}), 300)
    assert calibration.device_factor == pytest.approx(10)
    assert _device_s(calibration, EXIT2_ALONE) == pytest.approx(0.2)
    _observe(calibration, EXIT2_ALONE, Timeline({Step.RUN_DEVICE: 1e-9}), 300)
    assert calibration.device_factor == pytest.approx(0.2)


def test_what_was_slow_once_is_tried_again(candidates: CostTable) -> None:
    """A part that is not asked any more goes back to what its kind takes."""
    calibration = Calibration(candidates)
    _observe(calibration, EXIT1_ALONE, Timeline({Step.RUN_DEVICE: 20e-3}), 3)
    believed_s = _device_s(calibration, EXIT1_ALONE)
    _observe(calibration, EXIT2_ALONE, Timeline({Step.RUN_DEVICE: 20e-3}), 200)
    assert believed_s > 16e-3
    assert _device_s(calibration, EXIT1_ALONE) == pytest.approx(10e-3, rel=0.1)


def test_an_edge_that_was_slow_is_forgotten_while_another_one_is_asked(candidates: CostTable) -> None:
    """Half of it in 70 requests; what was learnt of the device stays."""
    calibration = Calibration(candidates)
    on_edge = Timeline({Step.RUN_EDGE: 20e-3, Step.ENCODE_UP: 16e-3})
    for _ in range(10):
        calibration.observe(candidates.index_of(ON_THE_EDGE), on_edge, 0.0)
    slow, device_s = calibration.edge_factor, _device_s(calibration, ON_THE_EDGE)
    assert slow > 5
    for _ in range(70):
        calibration.forget_edge()
    assert calibration.edge_factor - 1 == pytest.approx((slow - 1) / 2, rel=0.05)
    assert _device_s(calibration, ON_THE_EDGE) == device_s


def test_the_shortest_computations_say_nothing_of_the_rest(candidates: CostTable) -> None:
    """A tail of a fiftieth of the longest is mostly the call around it; of itself it tells all the same."""
    short = replace(candidates, seconds=candidates.seconds.copy())
    last = candidates.index_of(Plan("exit1", LAYERS - 1, "raw"))
    short.seconds[Step.RUN_DEVICE, last] = 0.4e-3
    calibration = Calibration(short)
    _observe(calibration, Plan("exit1", LAYERS - 1, "raw"), Timeline({Step.RUN_DEVICE: 0.8e-3}), 20)
    assert calibration.device_factor == 1.0
    assert calibration.table.seconds[Step.RUN_DEVICE, last] == pytest.approx(0.8e-3, rel=0.1)


def test_the_spread_is_what_most_answers_keep_to(candidates: CostTable) -> None:
    """Nothing is said before some answers; one in forty says nothing, one in ten does; there are bounds."""
    calibration = Calibration(candidates)
    k = candidates.index_of(EXIT2_ALONE)

    def answer(ratio: float, times: int) -> float:
        for _ in range(times):
            calibration.observe(k, Timeline({Step.RUN_DEVICE: ratio * 20e-3}), 0.0, 20e-3)
        return calibration.spread

    assert answer(2.0, 3) == 1.0, "for the factors to learn"
    assert answer(1.1, 4) == 1.0
    assert answer(1.0, 40) == 1.0
    assert answer(1.2, 1) == 1.0
    assert answer(1.2, 3) == pytest.approx(1.2)
    assert answer(9.0, 40) == 1.25
    assert answer(0.5, 40) == 1.0


def test_the_spread_of_computing_knows_nothing_of_the_link(candidates: CostTable) -> None:
    """Answers by way of the edge tell it, whatever the network took; the device's own say nothing."""
    calibration, k = Calibration(candidates), candidates.index_of(Plan("exit2", 2, "raw"))
    usual = {step: float(candidates.seconds[step, k]) for step in (Step.RUN_EDGE, Step.RUN_DEVICE)}
    for number in range(60):
        ratio = 1.2 if number % 8 == 0 else 1.0
        seconds = {step: ratio * took_s for step, took_s in usual.items()}
        calibration.observe(k, Timeline(seconds, network_s=0.5 * number), 0.0, 0.1)
    assert calibration.compute_spread == pytest.approx(1.2, rel=0.05)
    alone = candidates.index_of(EXIT2_ALONE)
    for _ in range(60):
        calibration.observe(alone, Timeline({Step.RUN_DEVICE: 40e-3}), 0.0, 20e-3)
    assert calibration.compute_spread == pytest.approx(1.2, rel=0.05)


def test_a_plan_that_is_late_every_time_is_believed_slower(candidates: CostTable) -> None:
    """Though no answer of it was ever in time to be measured; what a dead link takes says nothing."""
    calibration, k = Calibration(candidates), candidates.index_of(Plan("exit2", 2, "raw"))
    compute_s = float(candidates.seconds[[Step.RUN_EDGE, Step.RUN_DEVICE], k].sum())
    for _ in range(5):
        calibration.outlasted(k, 3.0, 0.1)
    assert calibration.compute_spread == 1.05, "what is believed where nothing was seen"
    for _ in range(5):
        calibration.outlasted(k, 0.1 + 0.1 * compute_s, 0.1)
    assert calibration.compute_spread == pytest.approx(1.1)
    for _ in range(5):
        calibration.outlasted(k, 0.09, 0.1)
    assert calibration.compute_spread == pytest.approx(1.1), "it was not awaited for as long as predicted"


def test_what_exits_took_before_the_first_request_counts(candidates: CostTable) -> None:
    """Exit 1 is slower than profiled, which says little of exit 2: both were run at the opening."""
    calibration = Calibration(candidates)
    calibration.begin({"exit1": (14e-3,) * 5, "exit2": (22e-3,) * 5})
    assert _device_s(calibration, EXIT1_ALONE) == pytest.approx(14e-3, rel=0.05)
    assert _device_s(calibration, EXIT2_ALONE) == pytest.approx(22e-3, rel=0.05)
    _observe(calibration, EXIT1_ALONE, Timeline({Step.RUN_DEVICE: 14e-3}), 30)
    assert _device_s(calibration, EXIT2_ALONE) == pytest.approx(22e-3, rel=0.15)


def test_a_path_in_pieces_is_a_part_of_its_own(candidates: CostTable) -> None:
    """And the exits that are asked are taken to be as slow as the layers are."""
    early = replace(EXIT2_ALONE, leaves_early=True)
    k = candidates.index_of(EXIT2_ALONE)
    seconds = candidates.seconds.copy()
    seconds[Step.ASK_DEVICE, k] = 2e-3
    plans = tuple(early if plan == EXIT2_ALONE else plan for plan in candidates.plans)
    twins = replace(candidates, plans=plans, seconds=seconds)
    calibration = Calibration(replace(twins, mean=twins.slowed(0.5)))
    _observe(calibration, early, Timeline({Step.RUN_DEVICE: 40e-3}), 30)
    assert _device_s(calibration, early) == pytest.approx(44e-3, rel=0.05)
    mean = calibration.table.in_the_mean
    assert float(mean.device_compute_s[k]) == pytest.approx(22e-3, rel=0.05)
    begun = Calibration(twins)
    begun.begin({"exit1": (15e-3,), "exit2": (60e-3,) * 10}, leaves_early=True)  # exit 1 has no twin
    assert _device_s(begun, early) == pytest.approx(60e-3 + 6e-3, rel=0.1)


def test_a_device_that_was_busy_when_it_was_opened_is_believed_quick_again(candidates: CostTable) -> None:
    """Exit 1 alone shows it: nobody asks for exit 2, which is taken to be as slow as everything was then."""
    calibration = Calibration(candidates)
    calibration.begin({"exit1": (15e-3,) * 8, "exit2": (30e-3,) * 8})
    assert _device_s(calibration, EXIT2_ALONE) == pytest.approx(30e-3, rel=0.05)
    _observe(calibration, EXIT1_ALONE, Timeline({Step.RUN_DEVICE: 10e-3}), 20)
    assert _device_s(calibration, EXIT2_ALONE) == pytest.approx(20e-3, rel=0.1)


def test_one_slow_answer_is_no_slow_device(candidates: CostTable) -> None:
    """It moves what is believed of another exit by a few percent, and the next one moves it back."""
    calibration = Calibration(candidates)
    calibration.begin({"exit1": (10e-3,) * 8, "exit2": (20e-3,) * 8})
    _observe(calibration, EXIT1_ALONE, Timeline({Step.RUN_DEVICE: 40e-3}))
    assert _device_s(calibration, EXIT2_ALONE) == pytest.approx(20e-3, rel=0.15)
    _observe(calibration, EXIT1_ALONE, Timeline({Step.RUN_DEVICE: 10e-3}), 10)
    assert _device_s(calibration, EXIT2_ALONE) == pytest.approx(20e-3, rel=0.06)


@pytest.mark.parametrize(
    ("seen_s", "believed_s"),
    [([2.2], 0.0), ([2.2, 0.002], 0.002), ([2.2, 0.002, 0.003], 0.003), ([0.001] * 4 + [2.2] * 3, 0.001)],
)
def test_requests_that_waited_for_layers_to_load_do_not_make_every_plan_look_late(
    candidates: CostTable, seen_s: list[float], believed_s: float
) -> None:
    """Overhead is what half of the latest requests kept to; of a single one nothing is believed."""
    calibration = Calibration(candidates)
    for overhead_s in seen_s:
        calibration.observe(candidates.index_of(EXIT1_ALONE), Timeline({}), overhead_s)
    assert calibration.table.seconds[Step.OVERHEAD].tolist() == pytest.approx([believed_s] * len(candidates))


def test_what_no_profile_has_is_added_as_it_was_seen(candidates: CostTable) -> None:
    """Writing raw pixels takes no time by the profile: only plans that send them take 3 ms longer."""
    calibration, k = Calibration(candidates), candidates.index_of(Plan("exit2", LAYERS, "raw"))
    for took_s in (1.0, 3e-3, 3e-3):
        calibration.observe(k, Timeline({Step.ENCODE_UP: took_s}), None)
    sends_raw = [plan.remote and plan.codec_up == "raw" for plan in candidates.plans]
    more_s = calibration.table.seconds[Step.ENCODE_UP] - candidates.seconds[Step.ENCODE_UP]
    assert more_s.tolist() == pytest.approx([3e-3 * sends for sends in sends_raw])


@pytest.mark.parametrize(("bound", "other"), [(10.0, 0.2), (0.2, 10.0)])
def test_no_part_is_believed_beyond_the_bounds_for_what_another_showed(
    candidates: CostTable, bound: float, other: float
) -> None:
    """One exit is as slow, or as quick, as is believed at all; another one swings and becomes so, too."""
    calibration = Calibration(candidates)
    _observe(calibration, EXIT1_ALONE, Timeline({Step.RUN_DEVICE: bound * 10e-3}), 30)
    _observe(calibration, EXIT2_ALONE, Timeline({Step.RUN_DEVICE: other * 20e-3}), 3)
    _observe(calibration, EXIT2_ALONE, Timeline({Step.RUN_DEVICE: bound * 20e-3}), 30)
    assert _device_s(calibration, EXIT1_ALONE) == pytest.approx(bound * 10e-3, rel=0.05)
