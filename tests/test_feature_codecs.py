"""The feature codecs that a spec names: read when asked for, and wrong ones named by their line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.core.codecs import CODECS
from edgent.errors import SpecError
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec
from tests.random_feature_codec import write_pipeline, write_random_codec

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def spec(chain_network: Path, tmp_path: Path) -> Path:
    """A pipeline with three codecs, in a folder of its own."""
    return write_pipeline(tmp_path / "tiny", chain_network)


def _network(spec: Path) -> Network:
    return Network.open(read_spec(spec), spec.parent / "cache")


def test_codecs_stand_where_their_tensors_are(spec: Path) -> None:
    """Ends of windows are codes, and heads have none."""
    network = _network(spec)
    assert [jump.codec for jump in network.jumps("exit1")] == ["student", "late", "back"]
    assert [(jump.reads, jump.gives, jump.is_up) for jump in network.jumps("exit2")] == [
        (0, 2, True),
        (1, 1, True),
        (2, 3, False),
    ]
    up, down = network.ends(Plan.parse("exit2:p1-p2:late:back"))
    assert (up.name, down.name) == tuple(network.feature_codecs[name].code.name for name in ("late", "back"))
    assert network.has_head(Plan.parse("exit2:p2"))
    assert not network.has_head(Plan.parse("exit2:p2:back"))
    assert network.head_of(Plan.parse("exit2:p1-p2:late:back")) == "tiny-p01-p02-late-back"


def test_what_is_wrong_is_said_with_its_line_and_only_when_asked(spec: Path, residual_network: Path) -> None:
    """A network whose codecs are stale can still be opened, trained on and compressed anew."""
    features = spec.parent / "features"
    (features / "student.yaml").unlink()
    other = write_pipeline(spec.parent / "other", residual_network)
    (features / "late.yaml").write_bytes((other.parent / "features" / "late.yaml").read_bytes())
    (features / "back.encoder.onnx").write_bytes(b"another")
    network = _network(spec)
    with pytest.raises(SpecError) as caught:
        network.feature_codecs  # noqa: B018
    lines = str(caught.value).splitlines()
    assert [line.partition(": ")[0] for line in lines] == [f"{spec}:{line}" for line in (8, 9, 10)]
    for line, problem in zip(
        lines, ("cannot read", "was made for a model with sha256", "of different trainings"), strict=True
    ):
        assert "codecs.features." in line
        assert problem in line
        assert "edgent compress" in line


def test_a_name_that_is_taken_is_refused(spec: Path) -> None:
    """By a codec of edgent or of another package, or by one further up."""
    network = _network(spec)
    write_random_codec(spec.parent / "features", network.graph, "webp", 1, 1)
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("features/late", "features/webp"), encoding="utf-8")
    with pytest.raises(
        SpecError, match=r"tiny.yaml:9: codecs.features.1: .*another codec of the name 'webp'"
    ):
        _network(spec).feature_codecs  # noqa: B018
    spec.write_text(text.replace("features/back", "features/student"), encoding="utf-8")
    with pytest.raises(
        SpecError, match=r"tiny.yaml:10: codecs.features.2: .*another codec of the name 'student'"
    ):
        _network(spec).feature_codecs  # noqa: B018
    assert "late" not in CODECS
