"""Feature codecs of a network: what is read, what is refused, and on which paths they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.errors import PlanError, StaleFileError
from edgent.graph.feature_codec import read_feature_codec
from edgent.graph.feature_record import codec_files
from edgent.graph.reading import read_branchy_graph
from tests.random_feature_codec import CODE_SHAPE, write_random_codec

if TYPE_CHECKING:
    from pathlib import Path


def test_a_codec_stands_on_every_path_that_has_its_tensors(chain_network: Path, tmp_path: Path) -> None:
    """In the trunk on both exits' paths, behind it on the deeper one's alone."""
    graph = read_branchy_graph(chain_network)
    both = read_feature_codec(write_random_codec(tmp_path, graph, "both", 0, 2), graph)
    deep = read_feature_codec(write_random_codec(tmp_path, graph, "deep", 4, 4), graph)
    assert [both.points(path) for path in graph.paths] == [(0, 2), (0, 2)]
    assert [deep.points(path) for path in graph.paths] == [None, (4, 4)]
    assert (both.code.shape, both.code.dtype) == (CODE_SHAPE, "uint8")


def test_nothing_goes_down_before_the_first_layer(chain_network: Path, tmp_path: Path) -> None:
    """The edge has run no layer there."""
    graph = read_branchy_graph(chain_network)
    with pytest.raises(PlanError, match=r"no path of .* has a cut at 'image', one at .* behind it"):
        read_feature_codec(write_random_codec(tmp_path, graph, "f", 0, 2, "down"), graph)


def test_codes_of_two_trainings_have_two_names(chain_network: Path, tmp_path: Path) -> None:
    """So the windows which begin with them have two identities."""
    graph = read_branchy_graph(chain_network)
    codes = [
        read_feature_codec(write_random_codec(tmp_path, graph, "f", 1, 2, seed=seed), graph).code.name
        for seed in (0, 0, 5)
    ]
    assert codes[0] == codes[1] != codes[2]


def test_files_of_another_network_or_training_are_refused(
    chain_network: Path, residual_network: Path, tmp_path: Path
) -> None:
    """By the digests in the record."""
    graph = read_branchy_graph(chain_network)
    record = write_random_codec(tmp_path, graph, "f", 1, 2)
    with pytest.raises(StaleFileError, match="was made for a model with sha256"):
        read_feature_codec(record, read_branchy_graph(residual_network))
    encoder, decoder = codec_files(record)
    encoder.write_bytes(decoder.read_bytes())
    with pytest.raises(StaleFileError, match="of different trainings; restore both, or run `edgent compress"):
        read_feature_codec(record, graph)
    decoder.unlink()
    encoder.unlink()
    with pytest.raises(StaleFileError, match="cannot read"):
        read_feature_codec(record, graph)


def test_a_device_needs_its_own_side(chain_network: Path, tmp_path: Path) -> None:
    """The encoder of what goes up; of what comes down both, as it profiles the decoder on its own codes."""
    graph = read_branchy_graph(chain_network)
    up = write_random_codec(tmp_path, graph, "up", 1, 2)
    down = write_random_codec(tmp_path, graph, "down", 1, 2, "down")
    assert read_feature_codec(up, graph).device_files == codec_files(up)[:1]
    assert read_feature_codec(down, graph).device_files == codec_files(down)
    for record in (up, down):
        codec_files(record)[1].unlink()
        with pytest.raises(StaleFileError, match="cannot read"):
            read_feature_codec(record, graph)
    assert read_feature_codec(up, graph, on_device=True).name == "up"
    with pytest.raises(StaleFileError, match="cannot read"):
        read_feature_codec(down, graph, on_device=True)


@pytest.mark.parametrize(("key", "told"), [("start", 0), ("stop", 3), ("exit", "nowhere")])
def test_a_record_that_tells_another_place_is_refused(
    chain_network: Path, tmp_path: Path, key: str, told: object
) -> None:
    """Digests guard the files; where they stand is looked up in the network."""
    graph = read_branchy_graph(chain_network)
    record = write_random_codec(tmp_path, graph, "f", 1, 2)
    lines = record.read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith(f"{key}:"))
    lines[place] = f"{key}: {told}"
    record.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(StaleFileError, match=r"are not where the network has .* restore"):
        read_feature_codec(record, graph)
