"""What an earlier run left: what of it counts, and why the rest does not."""

from dataclasses import replace
from pathlib import Path

from benchmarks.studies.workload.answered import Measured, Subject
from benchmarks.studies.workload.conditions import conditions
from benchmarks.studies.workload.kept import read_kept
from benchmarks.studies.workload.limit import Limits
from benchmarks.studies.workload.methods import AGAIN
from tests.benchmarks.studies.workload.conftest import answered
from tests.benchmarks.studies.workload.test_limit import ROW

NOW = {"sources": "ab", "effort": "cd", "profiles": "ef"}


def test_a_run_goes_on_where_it_was(measured: Measured, tmp_path: Path) -> None:
    """And measures anew what was measured at another speed."""
    every = conditions()[:4]
    assert read_kept(tmp_path, every, NOW).left(every) == every
    for condition, speed_s in zip(every[:3], (1.0, 1.5, 1.0), strict=True):
        one = replace(measured, condition=condition, speed_s=speed_s, digests=NOW)
        one.write(tmp_path / condition.file_name)
    Limits([ROW], NOW).write(tmp_path / "limit.json")
    kept = read_kept(tmp_path, every, NOW)
    assert kept.left(every) == [every[1], every[3]]
    assert [*kept.measured] == every[:3]
    assert kept.limits == [ROW]
    assert kept.refusal == ""


def test_what_was_measured_with_something_else_is_left(measured: Measured, tmp_path: Path) -> None:
    """The others' reasons are told; a file that does not say with what is no exception."""
    every = conditions()[:5]
    other, nothing = {"sources": "xy"}, dict[str, str]()
    made_with = (NOW, NOW | other, NOW | other, NOW | {"effort": "xy", "profiles": ""}, nothing)
    for condition, digests in zip(every, made_with, strict=True):
        replace(measured, condition=condition, digests=digests).write(tmp_path / condition.file_name)
    Limits([ROW], NOW | {"profiles": "xy"}).write(tmp_path / "limit.json")
    kept = read_kept(tmp_path, every, NOW)
    assert kept.left(every) == every[1:]
    assert not kept.limits
    assert kept.refusal == (
        "2 links (measured with other sources), 1 link (measured with other effort and profiles), "
        "1 link (measured with other sources and effort and profiles), 1 limit (measured with other profiles)"
    )


def test_a_file_that_is_not_whole_is_left(measured: Measured, tmp_path: Path) -> None:
    """And said, without a traceback; so is one of another layout."""
    every = conditions()[:2]
    for condition in every:
        replace(measured, condition=condition, digests=NOW).write(tmp_path / condition.file_name)
    file = tmp_path / every[0].file_name
    file.write_bytes(file.read_bytes()[:-20])
    (tmp_path / "limit.json").write_text("[]", encoding="utf-8")
    kept = read_kept(tmp_path, every, NOW)
    assert kept.left(every) == every[:1]
    assert not kept.limits
    assert kept.refusal == f"1 link ({file.name} cannot be read), 1 limit (limit.json cannot be read)"


def test_where_the_control_failed_is_measured_anew(measured: Measured, tmp_path: Path) -> None:
    """A run that says that it cannot be used must not say so for ever; a link alone is no failure."""
    every = conditions()[:3]
    slower = {**measured.answers, Subject(AGAIN): [answered(0.21, 0.92)]}
    for off in (1, 2):
        for condition in every:
            answers = slower if condition in every[:off] else measured.answers
            replace(measured, condition=condition, answers=answers, digests=NOW).write(
                tmp_path / condition.file_name
            )
        assert read_kept(tmp_path, every, NOW).left(every) == ([] if off == 1 else every[:2])
