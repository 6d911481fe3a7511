"""Accuracy behind feature codecs: counted here from the same parts in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from edgent.accuracy import open_segments
from edgent.accuracy.codec_accuracy import read_accuracies
from edgent.accuracy.evaluation import evaluate_codecs
from edgent.accuracy.feature_comparison import FeatureComparison
from edgent.accuracy.feature_losses import feature_losses
from edgent.accuracy.scored_network import ScoredNetwork
from edgent.core.segment import Segment
from edgent.datasets.dataset import Split
from edgent.inputs.labelled import Labelled
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec
from tests.random_feature_codec import WITH_CODEC, WITHOUT, chained, write_pipeline

if TYPE_CHECKING:
    from pathlib import Path

PLANS = {
    ("exit1", "student"): "exit1:p2-p6:student:float32",
    ("exit2", "student"): "exit2:p2-p8:student:float32",
    ("exit1", "late"): "exit1:p1-p6:late:float32",
    ("exit2", "late"): "exit2:p1-p8:late:float32",
    ("exit1", "back"): "exit1:p2:back",
    ("exit2", "back"): "exit2:p2:back",
}


def test_every_exit_behind_every_codec(chain_network: Path, tmp_path: Path) -> None:
    """What is written is what plans lose, with a codec of another training forgotten."""
    network = Network.open(read_spec(write_pipeline(tmp_path, chain_network)), tmp_path / "cache")
    images = np.random.default_rng(4).integers(0, 256, (40, 3, 8, 8), dtype=np.uint8)
    labels = np.arange(40) % 10
    measured = evaluate_codecs(network, Labelled.of(images, labels), budget_s=0.1)
    measured.write(tmp_path / "accuracy.yaml")
    assert read_accuracies(tmp_path / "accuracy.yaml", network.graph.sha256) == measured
    changes = {(row.exit, row.code): row.change for row in measured.features}
    for (exit_name, codec), text in PLANS.items():
        answers = {
            plan: [chained(network, Plan.parse(plan), image).argmax() for image in images]
            for plan in (f"{exit_name}:p0", text)
        }
        plain, behind = (float(np.mean(np.array(given) == labels)) for given in answers.values())
        code = network.feature_codecs[codec].code.name
        assert changes[exit_name, code] == pytest.approx(behind - plain, abs=1e-6)
    assert len(changes) == len(PLANS)
    lost = feature_losses(network, "accuracy", measured.features)
    code = network.feature_codecs["late"].code.name
    assert lost["exit2"][code] == max(0.0, -changes["exit2", code])


def test_each_file_is_opened_once(
    chain_network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many batches there are; what several codecs read is run once a batch."""
    network = Network.open(read_spec(write_pipeline(tmp_path, chain_network)), tmp_path / "cache")
    opened: list[Path] = []

    def watched(file: Path, **options: Any) -> Segment:
        opened.append(file)
        return Segment(file, **options)

    monkeypatch.setattr(open_segments, "Segment", watched)
    scored = ScoredNetwork(network, "accuracy")
    features = FeatureComparison(scored)
    for seed in range(3):
        images = np.random.default_rng(seed).integers(0, 256, (4, 3, 8, 8), dtype=np.uint8)
        features.compare(scored.plain(Split(images, np.arange(4))))
    assert len(opened) == len(set(opened)) > len(network.feature_codecs) * 2


def test_before_evaluation_the_records_count(chain_network: Path, tmp_path: Path) -> None:
    """Where they were measured alike; otherwise nothing is known."""
    network = Network.open(read_spec(write_pipeline(tmp_path, chain_network)), tmp_path / "cache")
    lost = feature_losses(network, "accuracy")
    assert list(lost["exit1"].values()) == pytest.approx([WITHOUT - WITH_CODEC] * 3)
    assert feature_losses(network, "agreement") == {"exit1": {}, "exit2": {}}
