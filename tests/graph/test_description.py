"""The graph's description in the cache: it is the graph, and garbage is read anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgent.errors import ModelError
from edgent.graph.cache import default_cache
from edgent.graph.description import read_graph
from edgent.graph.reading import read_branchy_graph


def test_cached_description_is_the_graph(either_network: Path, tmp_path: Path) -> None:
    """What comes back from the cache equals what was read, for all outputs and for chosen exits."""
    for exits in (None, ["exit1", "exit2"], ["exit2"]):
        cold = read_graph(either_network, exits, tmp_path)
        assert (
            cold == read_graph(either_network, exits, tmp_path) == read_branchy_graph(either_network, exits)
        )
        assert cold.heads() == read_branchy_graph(either_network, exits).heads()


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b'{"format": 0}'])
def test_broken_description_is_read_anew(chain_network: Path, tmp_path: Path, content: bytes) -> None:
    """A description that is garbage or of another format is replaced."""
    graph = read_graph(chain_network, cache=tmp_path)
    (file,) = tmp_path.rglob("graph-*.json")
    good = file.read_bytes()
    file.write_bytes(content)
    assert read_graph(chain_network, cache=tmp_path) == graph
    assert file.read_bytes() == good


def test_cache_that_cannot_be_written(chain_network: Path, tmp_path: Path) -> None:
    """A file where the folder should be: the message says what to set."""
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(ModelError, match="set XDG_CACHE_HOME"):
        read_graph(chain_network, cache=blocked)


def test_default_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """XDG_CACHE_HOME where it is set, else ~/.cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "edgent"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache() == Path.home() / ".cache" / "edgent"
