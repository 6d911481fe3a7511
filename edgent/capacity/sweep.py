"""Many questions on many cores, on joblib; or on the machines of a Dask cluster."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from joblib import Parallel, delayed, parallel_config

from edgent.capacity.need import Need, Question, need
from edgent.capacity.scenario import Edges
from edgent.core.registry import added_items
from edgent.deaf_processes import deaf_processes
from edgent.errors import ClusterError
from edgent.plugin_fault import faults_told

_ANSWERS_WITHIN_S = 10.0
"""Seconds for which a scheduler is waited for."""


def needs(
    questions: Sequence[Question],
    jobs: int | None = None,
    cluster: str | None = None,
    tell: Callable[[Edges], None] = lambda _: None,
) -> Iterator[Need]:
    """The answers, in the order of the questions: the same wherever they are found.

    Args:
        questions: each is answered by one process.
        jobs: processes; as many as there are cores when None. With 1 this process does it all.
        cluster: address of a Dask scheduler, whose workers have edgent installed; None: this machine.
        tell: called with each number of edges before it is simulated; only of a single question, which this
            process answers.

    Yields:
        One answer for each question.

    Raises:
        ClusterError: the scheduler does not answer.
        PluginError: a policy of another package fails.
    """
    if len(questions) == 1 and cluster is None:
        yield need(questions[0], tell)
        return
    with _on(cluster):
        parallel = Parallel(n_jobs=jobs or -1, return_as="generator")
        with deaf_processes():
            known = added_items()
            found = parallel(delayed(_need)(question, known) for question in questions)
        yield from found


def _need(question: Question, known: Mapping[str, Mapping[str, str]]) -> Need:
    """The answer of another process."""
    with faults_told(known):
        return need(question)


@contextmanager
def _on(cluster: str | None) -> Iterator[None]:
    """Where joblib's processes are."""
    if cluster is None:
        yield
        return
    from distributed import Client  # noqa: PLC0415  only who has a cluster needs it

    try:
        client = Client(cluster, timeout=_ANSWERS_WITHIN_S)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"{cluster}: no Dask scheduler answers there ({error}); start one with `dask scheduler` and "
            "`dask worker ADDRESS` on each machine, or leave out --cluster"
        ) from None
    with client, parallel_config(backend="dask"):
        yield
