"""What the doctor says of feature codecs: their files here, and what the edge has of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edgent.core.wire import window_identity
from edgent.doctor.checks.features import check_features
from edgent.doctor.feature_windows import feature_problem, feature_windows
from edgent.doctor.observations import Reply
from edgent.network import Network
from edgent.spec import read_spec
from tests.doctor.test_checks import SOUND
from tests.random_feature_codec import write_pipeline

if TYPE_CHECKING:
    from pathlib import Path

COLD = Reply(425, b'{"message": "is being loaded"}')
OTHER = Reply(409, b'{"message": "no window of this identity"}')
DONE = Reply(200, b"")


@pytest.fixture
def featured(chain_network: Path, tmp_path: Path) -> Network:
    """The chain with three codecs."""
    return Network.open(read_spec(write_pipeline(tmp_path, chain_network)), tmp_path / "cache")


def test_windows_that_are_asked_for_lie_beside_codes(featured: Network) -> None:
    """With a batch of 0 of what they take."""
    frames = dict(feature_windows(featured, 5.0))
    path, codecs = featured.graph.paths[0], featured.feature_codecs
    ends = {
        "student": (codecs["student"].code.name, path.cut_tensor(3)),
        "late": (codecs["late"].code.name, path.cut_tensor(2)),
        "back": (path.cut_tensor(1), codecs["back"].code.name),
    }
    assert frames.keys() == ends.keys()
    for name, frame in frames.items():
        assert frame.identity == window_identity(featured.graph.sha256, *ends[name])
        assert len(frame.tensor) == 0


def test_files_come_first(featured: Network, tmp_path: Path) -> None:
    """A codec that cannot be read here is not asked for there."""
    assert feature_problem(featured) == ""
    (tmp_path / "features" / "late.decoder.onnx").unlink()
    problem = feature_problem(Network.open(featured.spec, tmp_path / "cache"))
    assert "codecs.features.1" in problem
    (finding,) = check_features(replace(SOUND, features={}, feature_problem=problem))
    assert (finding.state, finding.finding) == ("wrong", problem)


def test_what_the_edge_has() -> None:
    """None, all of them, or another training of one."""
    assert check_features(SOUND)[0].finding == "the spec names none"
    assert check_features(replace(SOUND, features={})) == []
    seen = replace(SOUND, pipeline=COLD, features={"late": COLD, "back": DONE})
    assert check_features(seen)[0].state == "ok"
    (finding,) = check_features(replace(seen, features={"late": OTHER, "back": DONE}))
    assert finding.state == "wrong"
    assert finding.finding == "late: no window of this identity"
