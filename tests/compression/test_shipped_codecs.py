"""The feature codecs that pipelines ship."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgent.core.code_packing import pack_code, unpack_code
from edgent.core.segment import Segment
from edgent.graph.feature_codec import read_feature_codec
from edgent.network import Network
from edgent.spec import read_spec

PIPELINES = Path(__file__).parents[2] / "pipelines"
RECORDS = sorted(PIPELINES.glob("*/features/*.yaml"))


def test_there_are_some() -> None:
    """Plain ones and students, for the flowers."""
    names = {record.stem for record in RECORDS if record.parent.parent.name == "flowers"}
    assert {name.startswith("p00-") for name in names} == {True, False}
    assert len(names) >= 4


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_they_are_whole(record: Path, tmp_path: Path) -> None:
    """Of the pipeline's network, of one training, and they give what their records say."""
    network = Network.open(read_spec(PIPELINES / f"{record.parent.parent.name}.yaml"), tmp_path)
    codec = read_feature_codec(record, network.graph)
    encoder, decoder = Segment(codec.encoder), Segment(codec.decoder)
    assert codec.record.name == record.stem
    samples = np.random.default_rng(0).integers(0, 256, (2, *encoder.input_shape)).astype(encoder.input_dtype)
    codes = encoder.run(samples)
    assert codes.shape[1:] == codec.record.code_shape == decoder.input_shape
    assert codes.max() < codec.record.levels
    received = np.stack([unpack_code(pack_code(code), code.shape) for code in codes])
    assert np.isfinite(decoder.run(received)).all()
    deepest = codec.record.exits[-1]
    assert deepest.with_codec > deepest.without - 0.05
