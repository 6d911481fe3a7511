"""What no link makes worth considering, in sentences that say what there is, not what there is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edgent.planning.domination import ExitDomination
from edgent.planning.pruning import LeftOut
from edgent.show import domination_lines
from edgent.show.domination_lines import domination_lines as lines

if TYPE_CHECKING:
    from edgent.planning.cost_table import CostTable


@pytest.mark.parametrize(
    ("of_exits", "said"),
    [
        ([(60, 60, 0), (84, 84, 0)], "e1, e2: edge-only beats every cut inside the path: it gets less back"),
        ([(3, 0, 0)], "e1: every cut inside the path may be best on some link."),
        ([(1, 0, 0)], "e1: the only cut inside the path may be best on some link."),
        ([(2, 0, 2)], "e1: other plans beat every cut inside the path."),
        ([(9, 4, 0)], "e1: of 9 cuts inside the path edge-only beats 4 (it gets less back and"),
        ([(9, 0, 4)], "e1: of 9 cuts inside the path other plans beat 4, 5 may be best on some link."),
    ],
)
def test_nothing_is_said_of_none(
    branchy: CostTable, monkeypatch: pytest.MonkeyPatch, of_exits: list[tuple[int, int, int]], said: str
) -> None:
    """Exits of which the same holds share a sentence."""
    of_all = [
        ExitDomination(f"e{number}", cuts, to_edge_only, to_others, device_wins=False)
        for number, (cuts, to_edge_only, to_others) in enumerate(of_exits, 1)
    ]
    monkeypatch.setattr(domination_lines, "domination_by_exit", lambda _: of_all)
    _, line = lines(branchy)
    assert line.startswith(said)
    assert " 0 " not in line


def test_how_many_plans_are_beaten(branchy: CostTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some, one or none."""
    monkeypatch.setattr(domination_lines, "domination_by_exit", lambda _: [])
    for beaten, said in ((0, "None of"), (1, "1 of"), (2, "2 of")):
        monkeypatch.setattr(type(branchy), "dominated_by", lambda _, k, most=beaten: [0] * (k < most))
        verb = "are" if beaten == 2 else "is"
        assert lines(branchy) == [
            f"{said} {len(branchy)} plans {verb} beaten by another one whatever the link."
        ]


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        (LeftOut(1), "1 more was left out before: each is no better in anything than one of these"),
        (
            LeftOut(2852, 0.03),
            "2,852 more were left out before: each is better by at most 3% than one of these",
        ),
    ],
)
def test_what_pruning_left_out_is_counted(branchy: CostTable, left_out: LeftOut, said: str) -> None:
    """Apart from the plans that are left, of which alone the sentences about cuts are."""
    _, pruned, *of_cuts = lines(replace(branchy, left_out=left_out))
    assert pruned.startswith(said)
    assert of_cuts
    assert not any("cut inside" in line or "cuts inside" in line for line in of_cuts)
