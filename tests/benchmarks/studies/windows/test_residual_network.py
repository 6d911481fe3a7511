"""The residual network that is made on the fly."""

from pathlib import Path

import numpy as np

from benchmarks.studies.windows.chain import Chain
from benchmarks.studies.windows.fusion import compare_levels
from benchmarks.studies.windows.places import draw
from benchmarks.studies.windows.residual_network import write_residual
from benchmarks.testbed.judge import Judge
from edgent.network import Network
from edgent.spec import read_spec


def test_cuts_of_it_are_where_nothing_joins(tmp_path: Path) -> None:
    """Three exits behind blocks; a window in one process answers next to what the whole network does."""
    network = Network.open(read_spec(write_residual(tmp_path)), tmp_path / "cache")
    assert len(network.graph.paths) == 3
    assert all(len(path.layers) > 8 for path in network.graph.paths)
    image = np.random.default_rng(1).integers(0, 256, (1, 3, 64, 64), np.uint8)
    judge, chain = Judge(network, image), Chain(network)
    for place in draw(network, 5):
        answer = chain.after(place, chain.window(place, chain.before(place, image)))
        whole = judge.logits[place.path.exit_name]
        assert 0.5 < np.abs(whole).max() < 100
        np.testing.assert_allclose(answer, whole, rtol=0, atol=1e-5)


def test_levels_of_optimisation_side_by_side(tmp_path: Path) -> None:
    """Without the layout of the highest level cuts change nothing; with it next to nothing."""
    network = Network.open(read_spec(write_residual(tmp_path)), tmp_path / "cache")
    image = np.random.default_rng(1).integers(0, 256, (1, 3, 64, 64), np.uint8)
    fused = {one.level: one for one in compare_levels(network, draw(network, 4), image)}
    assert fused["extended"].difference <= fused["all (edgent's)"].difference < 1e-5
    assert all(one.windows == 4 and one.whole_s > 0 for one in fused.values())
