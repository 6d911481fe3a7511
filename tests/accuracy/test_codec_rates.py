"""Bytes and accuracies of all codecs of a chain with two exits and three feature codecs, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.accuracy.codec_accuracy import (
    AccuracyChange,
    CodecAccuracies,
    CodecSize,
    ExitAccuracy,
    FeatureChange,
)
from edgent.accuracy.codec_rates import CodecRate, codec_rates, front, narrowing
from edgent.generated_file import Provenance
from edgent.network import Network
from edgent.spec import read_spec
from tests.random_feature_codec import SIZE_BYTES, write_pipeline

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def rates(chain_network: Path, tmp_path: Path) -> list[CodecRate]:
    """Of one rung, one activation codec at two cuts, and two of three feature codecs."""
    network = Network.open(read_spec(write_pipeline(tmp_path, chain_network)), tmp_path / "cache")
    code = {name: codec.code.name for name, codec in network.feature_codecs.items()}
    accuracies = CodecAccuracies(
        Provenance(network.graph.sha256, "edgent evaluate SPEC", "", {}, {}),
        100,
        100,
        (ExitAccuracy("exit1", 0.8), ExitAccuracy("exit2", 0.9)),
        (
            AccuracyChange("exit1", 0, "avif20@0.7", "float32", -0.1, 0.01),
            AccuracyChange("exit2", 0, "avif20@0.7", "float32", -0.05, 0.01),
            AccuracyChange("exit1", 1, "raw", "uint8", -0.02, 0.01),
            AccuracyChange("exit2", 1, "raw", "uint8", 0.01, 0.01),
            AccuracyChange("exit2", 7, "raw", "uint8", -0.03, 0.01),
        ),
        sizes=(
            CodecSize("exit2", 0, "raw", 232.0, 232.0),
            CodecSize("exit2", 0, "avif20@0.7", 155.4, 180.2),
            CodecSize("exit2", 1, "uint8", 500.0, 600.0),
            CodecSize("exit2", 7, "uint8", 500.0, 620.0),
        ),
        features=(
            FeatureChange("exit2", code["student"], -0.2, 0.01),
            FeatureChange("exit1", code["late"], -0.1, 0.01),
            FeatureChange("exit2", code["late"], -0.15, 0.01),
        ),
    )
    return codec_rates(network, accuracies)


def test_all_that_were_measured_by_rising_bytes(rates: list[CodecRate]) -> None:
    """Each with the exits behind it, at what was measured, also above what is reached without it."""
    found = [(rate.codec, rate.kind, rate.crossing, rate.size_bytes, rate.reached) for rate in rates]
    both, deepest = {"exit1": 0.8, "exit2": 0.9}, pytest.approx
    assert found == [
        ("late", "feature codec", "p1", SIZE_BYTES, deepest({"exit1": 0.7, "exit2": 0.75})),
        ("student", "student", "p0 to p2", SIZE_BYTES, deepest({"exit2": 0.7})),
        ("avif20@0.7", "input", "input", 155.4, deepest({"exit1": 0.7, "exit2": 0.85})),
        ("raw", "input", "input", 232.0, both),
        ("uint8", "activation", "p1", 500.0, deepest({"exit1": 0.78, "exit2": 0.91})),
        ("uint8", "activation", "p7", 500.0, deepest({"exit2": 0.87})),
    ]
    assert [rate.family for rate in rates] == ["late", "student", "avif", "raw", "uint8", "uint8"]


def test_the_front_rises(rates: list[CodecRate]) -> None:
    """At equal bytes the better one is on it; a cut is not that takes as many bytes for less."""
    assert [rate.codec for rate in front(rates, "exit2")] == ["late", "avif20@0.7", "raw", "uint8"]
    assert [rate.codec for rate in front(rates, "exit1")] == ["late", "raw"]


def test_cuts_that_do_not_narrow_are_left_out(rates: list[CodecRate]) -> None:
    """Of activations alone."""
    assert narrowing(rates) == rates[:-1]
