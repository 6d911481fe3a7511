"""Command line: `python -m benchmarks.studies.edges [--quick]`."""

import logging
import tempfile
from pathlib import Path

from benchmarks.studies.edges import failing, unequal
from benchmarks.studies.edges.report import Tried, accuracy_in_time, report
from benchmarks.studies.edges.split_search import Split, best_split
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Study, run
from edgent.spec import Pipeline, read_spec

_ROUNDS, _QUICK_ROUNDS = 8, 2
_REQUESTS, _QUICK_REQUESTS = 250, 100
_SPLITS, _QUICK_SPLITS = 14, 2
_STEP, _FINALISTS = 10, 3
_SECONDS, _QUICK_SECONDS = 12.0, 4.0
_TURNS, _QUICK_TURNS = 3, 1


def main(quick: Quick = False, out: Out = None, docs: Docs = False) -> None:
    """Harm one of two edges while it is asked, and let devices share three unequal ones."""
    study, pipeline = Study("edges", out), read_spec(PIPELINES / "lenet.yaml")
    logging.getLogger("device_runtime").setLevel(logging.ERROR)
    requests = _QUICK_REQUESTS if quick else _REQUESTS
    with tempfile.TemporaryDirectory(prefix="edgent-edges-") as name:
        folder = Path(name)
        rounds = _fail(study, pipeline, folder, _QUICK_ROUNDS if quick else _ROUNDS, requests)
        planned, best, tried = _share(study, pipeline, folder, quick=quick)
    measured = report(rounds, requests, planned, best, tried)
    circumstances = (
        f"LeNet on a device {failing.SLOWDOWN:g} times slower, a link of {failing.RATE_BPS / 1e6:g} Mbps, a "
        f"round trip of {failing.ROUND_TRIP_S * 1e3:g} ms, requests one after the other, due within "
        f"{failing.REQUIREMENT_S * 1e3:g} ms; a fault in the middle of every {requests}. Unequal edges: "
        f"{unequal.DEVICES} devices without an exit in time, each of which asks again a random time after an "
        f"answer, all together {unequal.RATE:.0f} times a second if answers took no time, for answers within "
        f"{unequal.REQUIREMENT_S * 1e3:g} ms; the quickest head takes {unequal.HEAD_S * 1e3:g} ms."
    )
    study.write(measured, circumstances, page=LABORATORY / "edges.md" if docs else None)
    study.show(measured)


def _fail(
    study: Study, pipeline: Pipeline, folder: Path, rounds: int, requests: int
) -> list[list[failing.Asked]]:
    """Every fault, so many times."""
    done = []
    with study.bar("one of two edges fails") as tell, failing.TwoEdges(pipeline, folder) as two:
        for harm in failing.HARMS:
            for of_round in two.rounds(harm, rounds, requests):
                done.append(of_round)
                tell(harm, len(done) / (len(failing.HARMS) * rounds))
    return done


def _share(
    study: Study, pipeline: Pipeline, folder: Path, *, quick: bool
) -> tuple[list[unequal.Asked], list[unequal.Asked], list[Tried]]:
    """Planned requests, those under the best static split, and what the search for it measured."""
    seconds, most = (_QUICK_SECONDS, _QUICK_SPLITS) if quick else (_SECONDS, _SPLITS)
    turns = range(_QUICK_TURNS if quick else _TURNS)
    planned = list[unequal.Asked]()
    with study.bar("three unequal edges") as tell, unequal.UnequalEdges(pipeline, folder) as three:

        def measure(split: Split) -> float:
            tell(f"split {split}", 0.0)
            return accuracy_in_time(three.run(split, seconds))

        _, measured = best_split(measure, unequal.SPEEDS, _STEP, most)
        finalists = sorted(measured, key=measured.__getitem__)[-_FINALISTS:]
        anew: dict[Split, list[unequal.Asked]] = {split: [] for split in finalists}
        for turn in turns:  # as the best of many measured ones is the luckiest, too
            tell("planned beside the best splits", turn / len(turns))
            planned += three.run(None, seconds, turn + 1)
            for split in finalists:
                anew[split] += three.run(split, seconds, turn + 1)
    return planned, max(anew.values(), key=accuracy_in_time), [Tried(*one) for one in measured.items()]


if __name__ == "__main__":
    run(main)
