"""Plans whose crossings are written by feature codecs: their stages, what they cost, what rules them out."""

from __future__ import annotations

import numpy as np
import pytest

from edgent.planning.costs import CodecCosts, ExitCosts, InnerCosts, NetworkCosts
from edgent.planning.feature_costs import FeatureCosts
from edgent.planning.link import Link
from edgent.planning.placement import Placement
from edgent.planning.plan import Plan
from edgent.planning.plan_space import plan_space
from edgent.planning.stages import Jump, Step, stages
from edgent.planning.table_building import build_cost_table

STUDENT = Jump("student", 0, 2, is_up=True)
LATE = Jump("late", 1, 1, is_up=True)
BACK = Jump("back", 2, 3, is_up=False)
JUMPS = (STUDENT, LATE, BACK)


def costs() -> NetworkCosts:
    """One exit of four layers: 1 s each on the device, 0.1 s on the edge; codecs cost nothing but bytes."""
    points = np.arange(5.0)
    window_s = np.maximum(points[None, :] - points[:, None], 0.0) / 10
    known = np.ones((5, 5), dtype=np.bool_)
    exit_ = ExitCosts(
        "e",
        {("raw", "float32"): 0.9, ("jpeg", "float32"): 0.8},
        head_s=points / 10,
        tail_s=4.0 - points,
        activation_codecs={"float32": CodecCosts(np.full(5, 1000.0))},
        inner=InnerCosts(np.tile(points, (5, 1)), window_s, known, known, {}),
        features={
            "student": FeatureCosts(STUDENT, 50.0, 0.25, 0.02, lost=0.05),
            "late": FeatureCosts(LATE, 60.0, 0.125, 0.03, lost=0.01, predicted=True),
            "back": FeatureCosts(BACK, 70.0, 0.04, 0.5, lost=0.02),
        },
    )
    return NetworkCosts((exit_,), {"raw": CodecCosts(200.0), "jpeg": CodecCosts(90.0, lossless=False)})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("e:p2-p4:student:float32", "RUN_BEFORE[0,0)>student RUN_EDGE student>[2,4)"),
        ("e:p1-p4:late:float32", "RUN_BEFORE[0,1)>late RUN_EDGE late>[1,4)"),
        ("e:p2:back", "RUN_EDGE[0,2)>back RUN_DEVICE back>[3,4)"),
        ("e:p1-p2:late:back", "RUN_BEFORE[0,1)>late RUN_EDGE late>[1,2)>back RUN_DEVICE back>[3,4)"),
    ],
)
def test_encoders_follow_layers_and_decoders_come_before_them(text: str, said: str) -> None:
    """Layers that a codec jumps over are run by nobody."""
    told = []
    for stage in stages(Plan.parse(text), 4, JUMPS):
        if stage.codec is None:
            name, layers = stage.step.name, f"[{stage.start},{stage.stop})"
            layers = f" {stage.decoder}>{layers}" if stage.decoder else layers
            told.append(f"{name}{layers}>{stage.encoder}" if stage.encoder else f"{name}{layers}")
    assert " ".join(told) == said


def test_every_plan_once_with_the_sum_of_what_is_lost() -> None:
    """Up in place of any other codec, down likewise; lossy codecs add up."""
    found = {str(candidate.plan): candidate.accuracy for candidate in plan_space(costs())}
    assert len(found) == len(build_cost_table(costs()))
    assert found["e:p2-p4:student:float32"] == pytest.approx(0.85)
    assert found["e:p1-p3:late:float32"] == pytest.approx(0.89)
    assert found["e:p2:back"] == pytest.approx(0.88)
    assert found["e:p2:jpeg:back"] == pytest.approx(0.78)
    assert found["e:p1-p2:late:back"] == pytest.approx(0.87)
    assert "e:p2:student:back" not in found  # the window would be empty


def test_latency_by_hand() -> None:
    """Encoder here, code up, decoder and window there, code down, decoder and the rest here."""
    table = build_cost_table(costs())
    link = Link(round_trip_s=0.5, upload_bps=80.0, download_bps=160.0)
    latency = table.latency_s(link)
    student = table.index_of(Plan.parse("e:p2-p4:student:float32"))
    assert latency[student] == pytest.approx(0.25 + 0.5 + 5.0 + 0.02 + 0.2 + 50.0)
    both = table.index_of(Plan.parse("e:p1-p2:late:back"))
    assert latency[both] == pytest.approx(1.125 + 0.5 + 6.0 + (0.03 + 0.1 + 0.04) + 3.5 + 1.5)
    assert table.seconds[Step.RUN_EDGE, both] == pytest.approx(0.17)
    assert not table.predicted[student]
    assert table.predicted[both]


def test_the_image_itself_stays_where_a_student_reads_it() -> None:
    """A code of the input may go up under ``input_stays``: the input does not."""
    rules = Placement(input_stays=True)
    plans = {str(found.plan) for found in plan_space(costs(), rules)}
    assert plans == {
        "e:p0",
        *(f"e:p1-p{stop}:late:float32" for stop in (2, 3, 4)),
        "e:p1-p2:late:back",
        *(f"e:p2-p{stop}:student:float32" for stop in (3, 4)),
    }


def test_what_is_learnt_of_a_student_is_learnt_for_all_exits() -> None:
    """Its encoder reads the input, which all exits have, and is nobody else's."""
    first = {stages(Plan.parse(f"{name}:p2-p4:student:float32"), 4, JUMPS)[0].measured_as for name in "ef"}
    assert len(first) == 1
    assert stages(Plan.parse("e:p1-p4:late:float32"), 4, JUMPS)[0].measured_as not in first
