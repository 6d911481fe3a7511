"""What a feature codec is called, and that no two trainings take each other's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.compression.codec_name import alone, check_name
from edgent.errors import DataError, PlanError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["p24-8ch", "a", "A_b-3"])
def test_names(tmp_path: Path, name: str) -> None:
    """As of everything that a spec names."""
    check_name(name, tmp_path / f"{name}.yaml", may_exist=False)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../xx", "names begin with a letter"),
        ("a:b", "names begin with a letter"),
        ("x y", "names begin with a letter"),
        ("", "names begin with a letter"),
        ("n" * 65, "64 of them at most"),
        ("jpeg30", "another codec of that name"),
        ("raw", "another codec of that name"),
        ("uint4", "another codec of that name"),
    ],
)
def test_names_that_no_spec_could_use(tmp_path: Path, name: str, message: str) -> None:
    """They are refused before the training, not after it."""
    with pytest.raises(PlanError, match=message):
        check_name(name, tmp_path / "n.yaml", may_exist=True)


def test_what_is_there_already_is_replaced_on_request_only(tmp_path: Path) -> None:
    """Edges that serve it would refuse every window of the new one."""
    record = tmp_path / "p24-8ch.yaml"
    record.touch()
    with pytest.raises(PlanError, match="--replace trains it anew"):
        check_name("p24-8ch", record, may_exist=False)
    check_name("p24-8ch", record, may_exist=True)


def test_one_training_of_a_name_at_a_time(tmp_path: Path) -> None:
    """They would share a checkpoint; afterwards the name is free again."""
    checkpoint = tmp_path / "features" / "p24-8ch.safetensors"
    with (
        alone(checkpoint),
        pytest.raises(DataError, match="another training uses"),
        alone(checkpoint),
    ):
        pass
    with alone(checkpoint), alone(checkpoint.with_name("other.safetensors")):
        pass


def test_where_no_checkpoint_can_be_written(tmp_path: Path) -> None:
    """It is said before the training, and what to do."""
    (tmp_path / "features").touch()
    with (
        pytest.raises(DataError, match=r"cannot write .*p24-8ch\.lock: .*; run the command in a folder"),
        alone(tmp_path / "features" / "p24-8ch.safetensors"),
    ):
        pass


def test_what_a_training_waits_for_is_no_other_training(tmp_path: Path) -> None:
    """Its own errors are its own, whatever their kind."""
    with pytest.raises(BlockingIOError), alone(tmp_path / "p24-8ch.safetensors"):
        raise BlockingIOError
