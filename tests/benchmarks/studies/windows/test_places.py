"""Which windows are asked for."""

from itertools import combinations

from benchmarks.studies.windows.places import draw, each_once, heads, places, whole_path
from edgent.network import Network


def test_every_window_of_every_path(network: Network) -> None:
    """Two exits of 6 and 8 layers; windows in the 3 layers that they share are one and the same."""
    everywhere = list(places(network))
    assert len(everywhere) == len(list(combinations(range(7), 2))) + len(list(combinations(range(9), 2)))
    once = each_once(network)
    assert {place.ends for place in once} == network.graph.windows()
    assert len(once) == len(everywhere) - len(list(combinations(range(4), 2)))


def test_random_windows_are_the_same_each_time(network: Network) -> None:
    """As many as asked for, each another one, and all of them where there are fewer."""
    chosen = draw(network, 20)
    assert chosen == draw(network, 20)
    assert len({(place.path.index, place.start, place.stop) for place in chosen}) == 20
    assert {str(place) for place in draw(network, 1000)} == {str(place) for place in places(network)}


def test_heads_by_the_names_of_their_endpoints(network: Network) -> None:
    """A head that two exits share has a place on both of their paths."""
    named = heads(network, list(places(network)))
    assert sorted(named) == sorted(head.name("chain") for head in network.graph.heads())
    assert [str(place) for place in named["chain-p03"]] == ["exit1:p0-p3", "exit2:p0-p3"]
    assert whole_path(network).head_name(network) == "chain-exit2-p08"
