"""``edgent capacity``: rows, the plans of one, JSON, pictures, exit codes, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from edgent.capacity.need import Need
from edgent.capacity.shortfall import Shortfall
from edgent.cli import application
from edgent.cli.capacity_options import numbers
from edgent.errors import DataError, PlanError
from tests.capacity.made_figures import IDLE
from tests.cli.test_replay import run
from tests.command_fixtures import Run

_QUICK = ("--jobs", "1", "--slowdown", "30")
_FOUND = replace(IDLE, edges=3, workers=4)
_NEED = Need(
    name="tiny", devices=1_000, rate_hz=1.0, latency_requirement_s=0.02, late_share=0.01, loss=0.02,
    measure="accuracy", idle=IDLE, busy_workers=5.3, found=_FOUND, is_given=True, shortfalls=(),
    tried=(_FOUND,),
)  # fmt: skip


def _shown(*arguments: str | Path, columns: int = 80) -> str:
    """What it prints, whether edges are enough or not."""
    words = ["capacity", *map(str, arguments)]
    result = CliRunner().invoke(application, words, env={"COLUMNS": str(columns)})
    assert result.exit_code in (0, 1)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.stdout


def test_one_answer_has_its_plans(profiled: Path, traces: Path, tmp_path: Path) -> None:
    """A row, a table of plans, a sentence, and a picture of what was tried."""
    figure = tmp_path / "capacity.svg"
    shown = _shown(
        *(profiled, "--devices", "300", "--requirement-ms", "15", "--traces", traces),
        *(*_QUICK, "--plot", figure),
        columns=120,
    )
    assert "300" in shown
    assert "Plans that devices choose" in shown
    assert "for 300 devices of tiny that ask at 1 Hz each" in " ".join(shown.split())
    assert "</svg>" in figure.read_text(encoding="utf-8")


def test_sweeps_have_a_row_each(profiled: Path, tmp_path: Path) -> None:
    """Devices, requirements and pipelines; a narrow terminal says which columns it lacks."""
    figure = tmp_path / "capacity.png"
    shown = _shown(
        *(profiled, profiled, "--devices", "20,40", "--requirement-ms", "15,60", *_QUICK),
        *("--bandwidth-kbps", "2000", "--plot", figure),
    )
    assert sum("20 " in line and " ms" in line for line in shown.splitlines()) >= 4
    assert "Plans that devices choose" not in shown
    assert max(map(len, shown.partition("written")[0].splitlines())) <= 80
    assert figure.read_bytes()[:4] == b"\x89PNG"


def _json(*arguments: str | Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_shown(*arguments, *_QUICK, "--json"))
    return found


def test_programs_get_all_figures(profiled: Path) -> None:
    """Of given edges and workers nothing is searched for; the seed decides."""
    given = (profiled, "--devices", "50", "--edges", "1", "--workers", "3", "--bandwidth-kbps", "1000")
    (one,) = _json(*given)
    assert (one["found"]["edges"], one["found"]["workers"], one["devices"]) == (1, 3, 50)
    assert sum(share for _, share in one["found"]["plans"]) == pytest.approx(1.0)
    assert [one] == _json(*given)
    assert [one] != _json(*given, "--seed", "1")
    (often,) = _json(*given, "--rate", "2.5")
    assert often["rate_hz"] == 2.5
    assert one["is_given"]
    assert one["is_enough"] == (one["shortfalls"] == [])
    (alone,) = _json(profiled, "--devices", "50", "--edges", "0", "--bandwidth-kbps", "1000")
    assert alone["found"]["device_share"] == 1.0


@pytest.mark.parametrize("options", [(), ("--json",)])
@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([_NEED], 0),
        ([replace(_NEED, shortfalls=(Shortfall.LATE,))], 1),
        ([_NEED, replace(_NEED, shortfalls=(Shortfall.ACCURACY,))], 1),
    ],
    ids=["enough", "not enough", "a row is not enough"],
)
def test_the_exit_code_says_whether_edges_are_enough(
    edgent: Run,
    profiled: Path,
    monkeypatch: pytest.MonkeyPatch,
    found: list[Need],
    code: int,
    options: tuple[str, ...],
) -> None:
    """In every row; edges that are come with the commands that write them."""
    monkeypatch.setattr("edgent.capacity.sweep.needs", lambda *_: iter(found))
    done = edgent("capacity", profiled, *options)
    assert done.code == code, done.errors
    command = f"edgent deploy compose {profiled} --edges 3 --workers 4"
    assert (command in done.output) is (code == 0 and not options)


def test_what_makes_no_sense_is_refused(profiled: Path, traces: Path) -> None:
    """Before anything is simulated, with what to give instead."""
    with pytest.raises(DataError, match="give one of the two"):
        run("capacity", profiled, "--traces", traces, "--bandwidth-kbps", "100")
    with pytest.raises(PlanError, match="no plan answers within"):
        run("capacity", profiled, "--requirement-ms", "0.001", "--bandwidth-kbps", "100")
    for text in ("", "0", "1,x", "-1", "1.5"):
        with pytest.raises(
            typer.BadParameter, match="expected whole numbers above 0, such as 100 or 100,200"
        ):
            numbers(text, int, "--devices")
    assert numbers("100,20,100", int, "--devices") == [100, 20]
    with pytest.raises(typer.BadParameter, match="9…': expected numbers of at most 40 digits"):
        numbers("9" * 5000, int, "--devices")
    for devices in (10**13, 10**19):
        with pytest.raises(PlanError, match="devices: at most 10,000,000 are simulated"):
            run("capacity", profiled, "--devices", str(devices), "--bandwidth-kbps", "100")


def test_a_narrow_terminal_cuts_no_number(profiled: Path) -> None:
    """Whole columns are missing, and named."""
    arguments = ("--devices", "20,20000", "--requirement-ms", "15", "--bandwidth-kbps", "2000", *_QUICK)
    shown = _shown(profiled, *arguments, columns=60)
    assert "…" not in shown
    assert "Left out at 60 columns: wait ms, answers/s" in shown
    assert max(map(len, shown.splitlines())) <= 60
