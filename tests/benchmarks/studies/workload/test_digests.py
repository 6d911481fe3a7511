"""With what a run measures: a digest of it changes where, and only where, it does."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.studies.workload.devices import write_ours
from benchmarks.studies.workload.digests import digests, sources
from benchmarks.studies.workload.measure import Effort
from edgent.spec import read_spec

FLOWERS = Path(__file__).parents[4] / "pipelines" / "flowers.yaml"
EFFORT = Effort((0.1,), learning=2, rounds=1, counted=3, limit_answers=3)


@pytest.mark.parametrize("name", ["device.yaml", "edge.yaml", "exit_rule.yaml"])
def test_profiles_of_another_run_are_others(name: str, tmp_path: Path) -> None:
    """Those that are not made yet, too; sources and effort stay what they are."""
    pipeline = read_spec(FLOWERS)
    ours = write_ours(pipeline, tmp_path)
    first = digests(EFFORT, pipeline, ours)
    assert digests(EFFORT, pipeline, ours) == first
    (tmp_path / name).write_text("date: yesterday", encoding="utf-8")
    second = digests(EFFORT, pipeline, ours)
    (tmp_path / name).write_text("date: today", encoding="utf-8")
    third = digests(EFFORT, pipeline, ours)
    assert len({one["profiles"] for one in (first, second, third)}) == 3
    assert len({(one["sources"], one["effort"]) for one in (first, second, third)}) == 1


def test_another_effort_is_another(tmp_path: Path) -> None:
    """Whatever part of it differs."""
    pipeline = read_spec(FLOWERS)
    ours = write_ours(pipeline, tmp_path)
    efforts = [
        EFFORT,
        replace(EFFORT, requirements_s=(0.1, 0.2)),
        replace(EFFORT, learning=7),
        replace(EFFORT, rounds=7),
        replace(EFFORT, counted=7),
        replace(EFFORT, limit_answers=7),
        replace(EFFORT, is_thorough=True),
    ]
    made = [digests(effort, pipeline, ours) for effort in efforts]
    assert len({one["effort"] for one in made}) == len(efforts)
    assert len({(one["sources"], one["profiles"]) for one in made}) == 1


def test_sources_are_those_that_a_run_began_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run has another digest where one changed. Other files beside them count nothing."""
    package = tmp_path / "made_up_package"
    package.mkdir()
    (package / "__init__.py").write_text("ANSWER = 1", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    first = sources((package.name,))
    (package / "__init__.py").write_text("ANSWER = 2", encoding="utf-8")
    assert sources((package.name,)) == first
    sources.cache_clear()
    second = sources((package.name,))
    assert second != first
    (package / "data.csv").write_text("1", encoding="utf-8")
    sources.cache_clear()
    assert sources((package.name,)) == second


def test_other_photos_are_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more, or another size; without any, nothing fails."""
    pipeline = read_spec(FLOWERS)
    ours = write_ours(pipeline, tmp_path)
    held_out = tmp_path / "data" / "flowers" / "held_out" / "rose"
    monkeypatch.setenv("EDGENT_DATA_DIR", str(tmp_path / "data"))
    made = [digests(EFFORT, pipeline, ours)]
    held_out.mkdir(parents=True)
    for name, content in (("1.jpg", b"one"), ("1.jpg", b"other"), ("2.jpg", b"two")):
        (held_out / name).write_bytes(content)
        made.append(digests(EFFORT, pipeline, ours))
    assert len({one["photos"] for one in made}) == 4
    assert len({(one["sources"], one["effort"], one["profiles"]) for one in made}) == 1
