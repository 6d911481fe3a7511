"""The samples that a feature codec is trained on and measured with: those that a spec names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.accuracy.measures.registry import MEASURES, usual_measure
from edgent.datasets.registry import DATASETS
from edgent.errors import SpecError
from edgent.inputs.labelled import Labelled, held_out_data, read_labelled

if TYPE_CHECKING:
    from edgent.spec import Pipeline


@dataclass(frozen=True)
class CodecData:
    """Both sets.

    Attributes:
        train: to train on.
        held_out: to measure with, none of it trained on.
        measure: name of what scores answers: accuracy where the held-out samples have labels.
    """

    train: Labelled
    held_out: Labelled
    measure: str

    @classmethod
    def of(cls, spec: Pipeline) -> CodecData:
        """Those of a pipeline.

        Raises:
            SpecError: it names none.
            DataError, InputError: they cannot be read.
        """
        train, held_out = _train_source(spec), spec.held_out
        if train is None or held_out is None:
            key = "data.train" if train is None else "data.held_out"
            raise SpecError(
                f"{spec.file} names no {key}, and a feature codec learns from inputs: write data: {{train: "
                "FOLDER, held_out: FOLDER} there, folders of photos or .csv lists of them; `edgent new` "
                "makes both sets out of one folder"
            )
        uses_labels = spec.output == "labels"
        to_measure = held_out_data(spec, use_labels=uses_labels)
        measure = usual_measure(spec.output, has_labels=to_measure.has_labels)
        return cls(_train(train, spec, use_labels=MEASURES[measure].needs_labels), to_measure, measure)


def _train_source(spec: Pipeline) -> str | None:
    return spec.data.train or (spec.training.dataset if spec.training else None)


def _train(source: str, spec: Pipeline, *, use_labels: bool) -> Labelled:
    if source in DATASETS:
        split = DATASETS[source].train()
        return Labelled.of(split.images, split.labels if use_labels else None)
    path = spec.resolve(source)
    if not path.exists():
        raise SpecError(f"{spec.file}: data.train: {path} is not there, and no data set is called so")
    return read_labelled(path, spec, use_labels=use_labels)
