"""Exit rules of the shipped pipelines on resamples: whether their guarantee holds, and what they save."""

from typing import Annotated

import typer

from benchmarks.studies.exit_rules.report import report
from benchmarks.studies.exit_rules.resamples import Judged, halves, judged
from benchmarks.studies.study import LABORATORY, PIPELINES, Docs, Out, Quick, Study, run
from edgent.accuracy.exit_rule_evaluation import held_out_answers
from edgent.core.exit_rules.registry import CONFIDENCES
from edgent.exits.rules.calibration import Bound
from edgent.inputs.labelled import held_out_data
from edgent.network import Network
from edgent.spec import read_spec

_PIPELINES = ("flowers", "alexnet", "lenet")
_LOSSES = (0.005, 0.01, 0.02)
_CONFIDENCE = 0.95
_SPLITS, _QUICK_SPLITS = 500, 50


def main(
    *,
    seed: Annotated[int, typer.Option(min=0, help="The splits follow from it.")] = 0,
    quick: Quick = False,
    out: Out = None,
    docs: Docs = False,
) -> None:
    """Run each network once, then calibrate on one half of its held-out inputs and judge on the other."""
    study = Study("exit_rules", out)
    bounds = [Bound(loss, _CONFIDENCE) for loss in _LOSSES]
    splits = _QUICK_SPLITS if quick else _SPLITS
    results: list[Judged] = []
    with study.bar("pipelines") as tell:
        for number, pipeline in enumerate(_PIPELINES):
            tell(pipeline, number / len(_PIPELINES))
            network = Network.open(read_spec(PIPELINES / f"{pipeline}.yaml"))
            held_out, measures = held_out_data(network.spec), [*CONFIDENCES]
            by_measure = held_out_answers(network, held_out, "accuracy", measures)
            first = halves(by_measure[0].scores.shape[1], splits, seed)
            for measure, answers in zip(measures, by_measure, strict=True):
                results += judged((pipeline, measure), answers, network.graph.paths, first, bounds)
    made = report(results, _CONFIDENCE)
    asked = f"{splits} splits of the held-out inputs of each pipeline, accuracy, confidence {_CONFIDENCE:g}."
    study.write(made, asked, LABORATORY / "exit-rules.md" if docs else None)
    study.show(made)


if __name__ == "__main__":
    run(main)
