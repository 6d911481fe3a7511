"""The archives that the testbed's edge serves."""

import hashlib
from pathlib import Path

import pytest

from benchmarks.testbed.edge.server import build_archives
from edgent.edge.configuration import ServedModel
from edgent.edge.mar import MarFile
from edgent.network import Network
from edgent.spec import read_spec
from tests.torchserve_fixtures import write_tiny_spec


def _stock(store: Path) -> ServedModel:
    """An archive of somebody else's."""
    file = store / "stock.mar"
    assert not file.exists(), "what an earlier run left is gone"
    file.write_bytes(b"no archive of edgent's")
    content = file.read_bytes()
    return ServedModel("stock", MarFile(file, len(content), hashlib.sha256(content).hexdigest()), workers=1)


def test_archives_of_others_are_built_anew(
    tmp_path: Path, chain_network: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """When a store is written again nothing is warned of."""
    network = Network.open(read_spec(write_tiny_spec(tmp_path, chain_network)), tmp_path / "cache")
    for _ in range(2):
        build_archives(tmp_path / "store", network, (), [_stock])
    assert (tmp_path / "store" / "stock.mar").exists()
    assert "stock" not in caplog.text
