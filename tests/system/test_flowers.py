"""The shipped flowers: as accurate as the spec says, on the photos that were held out."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from edgent.accuracy.codec_accuracy import read_accuracies
from edgent.exits.record import read_record
from edgent.inputs.labelled import held_out_data
from edgent.network import Network
from edgent.spec import read_spec

SPEC = Path(__file__).parents[2] / "pipelines" / "flowers.yaml"


def test_its_files_are_of_its_network(tmp_path: Path) -> None:
    """Record, accuracies and spec agree; the ladder rises from cheap exits to good ones."""
    spec = read_spec(SPEC)
    network = Network.open(spec, tmp_path)
    record = read_record(spec.resolve("flowers/exits.yaml"), network.graph.sha256)
    measured = read_accuracies(spec.resolve(spec.codecs.accuracy or ""), network.graph.sha256)
    accuracies = [exit_.accuracy or 0 for exit_ in spec.exits]
    assert [exit_.held_out for exit_ in record.exits] == accuracies
    assert [round(exit_.accuracy, 4) for exit_ in measured.exits] == accuracies
    assert accuracies == sorted(accuracies)
    assert len(accuracies) >= 5
    assert accuracies[-1] >= 0.915
    assert any(exit_.share <= 0.5 and exit_.held_out >= 0.8 for exit_ in record.exits)


@pytest.mark.slow
@pytest.mark.skipif(
    not Path(os.environ.get("EDGENT_DATA_DIR", ""), "flowers").is_dir(),
    reason="EDGENT_DATA_DIR has no flowers",
)
def test_it_is_as_good_as_its_record() -> None:
    """Every exit is right on exactly as many held-out photos as were counted when it was made."""
    spec = read_spec(SPEC)
    session = onnxruntime.InferenceSession(spec.resolve(spec.model.file))
    right = np.zeros(len(spec.exits))
    photos = held_out_data(spec)
    for batch in photos.batches(50):
        answers = session.run(list(spec.exit_outputs), {spec.model.input: batch.images})
        right += [(scores.argmax(axis=1) == batch.labels).sum() for scores in answers]
    assert len(photos) == 700
    assert [round(share, 4) for share in right / 700] == [exit_.accuracy for exit_ in spec.exits]
