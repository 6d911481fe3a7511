"""The same answers wherever they are found."""

from collections.abc import Iterator

import pytest

from edgent.capacity import sweep
from edgent.capacity.crowd import Span
from edgent.capacity.need import Question
from edgent.capacity.sweep import needs
from edgent.errors import ClusterError
from tests.capacity.conftest import MakeScenario


@pytest.fixture
def questions(scenario: MakeScenario) -> list[Question]:
    """Of three numbers of devices."""
    span = Span(least_s=2.0, least_requests=500)
    return [Question("made up", scenario(count), workers=2, span=span) for count in (50, 500, 1_500)]


def test_processes_change_nothing(questions: list[Question]) -> None:
    """Every figure, in the order of the questions."""
    alone = list(needs(questions, jobs=1))
    assert list(needs(questions, jobs=2)) == alone
    assert [one.devices for one in alone] == [50, 500, 1_500]


@pytest.fixture
def cluster() -> Iterator[str]:
    """Address of a Dask scheduler with two processes of this machine."""
    distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as started:
        yield started.scheduler_address


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # other people's packages
def test_a_cluster_changes_nothing(questions: list[Question], cluster: str) -> None:
    """Two processes that know nothing but the scheduler."""
    assert list(needs(questions, cluster=cluster)) == list(needs(questions, jobs=1))


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere"])
def test_a_cluster_that_is_not_there(
    questions: list[Question], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is said in a sentence, with how to start one."""
    monkeypatch.setattr(sweep, "_ANSWERS_WITHIN_S", 0.3)
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    with pytest.raises(ClusterError, match=f"{address}: no Dask scheduler answers there .*`dask scheduler`"):
        list(needs(questions, cluster=address))
