"""The stages of a plan: what follows what, where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.planning.plan import Plan
from edgent.planning.stages import Step, stages


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("e:p0", "RUN_DEVICE[0,9)"),
        ("e:p9:webp:float32", "ENCODE_UP@0 webp, RUN_EDGE[0,9), ENCODE_DOWN@9 float32"),
        ("e:p7:uint8", "ENCODE_UP@0 raw, RUN_EDGE[0,7), ENCODE_DOWN@7 uint8, RUN_DEVICE[7,9)"),
        (
            "e:p2-p7:uint8",
            "RUN_BEFORE[0,2), ENCODE_UP@2 float32, RUN_EDGE[2,7), ENCODE_DOWN@7 uint8, RUN_DEVICE[7,9)",
        ),
        ("e:p2-p9:uint8:uint8", "RUN_BEFORE[0,2), ENCODE_UP@2 uint8, RUN_EDGE[2,9), ENCODE_DOWN@9 float32"),
    ],
)
def test_what_is_done_in_which_order(text: str, steps: str) -> None:
    """Of each crossing only the writing is listed here."""
    told = []
    for stage in stages(Plan.parse(text), layers=9):
        if stage.codec is None:
            told.append(f"{stage.step.name}[{stage.start},{stage.stop})")
        elif stage.step in {Step.ENCODE_UP, Step.ENCODE_DOWN}:
            told.append(f"{stage.step.name}@{stage.stop} {stage.codec}")
    assert ", ".join(told) == steps


@given(st.integers(0, 9), st.integers(0, 9))
def test_every_layer_runs_once(start: int, stop: int) -> None:
    """In the order of the path, and steps follow each other in the order of their rows."""
    of_plan = stages(Plan("e", max(start, stop), start=min(start, stop)), layers=9)
    layers = [n for stage in of_plan if stage.codec is None for n in range(stage.start, stage.stop)]
    assert layers == list(range(9))
    assert [stage.step for stage in of_plan] == sorted(stage.step for stage in of_plan)
