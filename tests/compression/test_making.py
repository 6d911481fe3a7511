"""From a network and data to feature codecs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.compression.candidates import candidates, device_macs, front
from edgent.compression.codec_data import CodecData
from edgent.compression.codec_name import codec_name
from edgent.compression.codec_place import DOWN, UP, CodecPlace
from edgent.compression.making import MadeCodec, Request, Told, make_feature_codec
from edgent.compression.torch_operators import OPERATORS
from edgent.core.code_packing import pack_code
from edgent.core.segment import Segment
from edgent.errors import SpecError
from edgent.graph.feature_codec import read_feature_codec
from edgent.inputs.labelled import held_out_data
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.compression.measuring import Measured
    from edgent.network import Network


def _made(
    network: Network, place: CodecPlace, folder: Path, said: list[str], seconds: float = 1.0
) -> MadeCodec:
    measured: list[Measured] = []
    told = Told(lambda *_: None, said.append, lambda _: None, measured.append)
    request = Request(place, codec_name(place, 3), 3, None, seconds, 0, 1, "edgent compress tiny.yaml")
    made = make_feature_codec(
        network, CodecData.of(network.spec), request, folder / "checkpoint", told, resume=False
    )
    assert measured[-1].exits == made.record.exits  # all 12 held-out samples are watched
    return made


@pytest.mark.parametrize(("reads_at", "direction"), [(None, UP), ("p0", UP), (None, DOWN)])
def test_the_record_says_what_the_files_do(
    tiny_network: Network, tmp_path: Path, reads_at: str | None, direction: str
) -> None:
    """Bytes and accuracies, worked out again from the written files."""
    place = CodecPlace.parse(tiny_network.graph, "exit1:p3", reads_at, DOWN if direction == DOWN else UP)
    made = _made(tiny_network, place, tmp_path, [])
    codec = read_feature_codec(made.write(tmp_path / "features"), tiny_network.graph)
    assert codec.record == made.record
    held_out = held_out_data(tiny_network.spec).split
    reads = held_out.images
    if place.start:
        reads = Segment(tiny_network.segments.head(1, place.start)).run(reads)
    codes = Segment(codec.encoder).run(reads)
    given = Segment(codec.decoder).run(codes)
    assert codec.record.bytes_mean == pytest.approx(
        np.mean([40 + len(pack_code(code)) for code in codes]), abs=0.06
    )
    for index, exit_ in enumerate(codec.record.exits):
        answers = Segment(tiny_network.segments.tail(index, 3)).run(given)
        assert exit_.with_codec == pytest.approx((answers.argmax(1) == held_out.labels).mean(), abs=1e-6)
        path = tiny_network.graph.paths[index]
        whole = Segment(tiny_network.segments.head(index, len(path.layers))).run(held_out.images)
        assert exit_.without == pytest.approx((whole.argmax(1) == held_out.labels).mean(), abs=1e-6)
    assert [exit_.exit for exit_ in codec.record.exits] == ["exit1", "exit2"]
    replaced = sum(layer.macs for layer in tiny_network.graph.paths[1].layers[place.start : 3])
    assert codec.record.replaced_macs == replaced
    assert codec.record.training.through_tail
    assert (codec.record.training.samples, codec.record.held_out) == (30, 12)


def test_an_operator_that_torch_lacks_is_named(
    tiny_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The codec learns from activations alone, and its record says so."""
    monkeypatch.delitem(OPERATORS, "MaxPool")
    said: list[str] = []
    made = _made(tiny_network, CodecPlace.parse(tiny_network.graph, "exit2:p4"), tmp_path, said, seconds=0.2)
    assert (made.record.training.through_tail, made.record.training.why_not) == (False, "MaxPool")
    assert any("MaxPool is not covered" in sentence for sentence in said)


def test_a_spec_without_data(tiny_network: Network, tmp_path: Path) -> None:
    """It is said what to write."""
    text = tiny_network.spec.file.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("data:")]
    (tmp_path / "bare.yaml").write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(SpecError, match=r"names no data\.train, .*write data: \{train: FOLDER"):
        CodecData.of(read_spec(tmp_path / "bare.yaml"))
    held_out = tiny_network.spec.resolve("held_out")
    kept.append(f"data: {{train: nowhere, held_out: {held_out}}}")
    (tmp_path / "bare.yaml").write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(SpecError, match=r"data\.train: .*nowhere is not there"):
        CodecData.of(read_spec(tmp_path / "bare.yaml"))


def test_candidates(tiny_network: Network) -> None:
    """Along the trunk, and upwards a student; all names differ."""
    up, down = candidates(tiny_network.graph, UP), candidates(tiny_network.graph, DOWN)
    assert {place.start for place, _ in up if place.jumps} == {0}
    assert not any(place.jumps for place, _ in down)
    names = [codec_name(place, channels) for place, channels in (*up, *down)]
    assert len(set(names)) == len(names) >= 3


def test_the_front(tiny_network: Network, tmp_path: Path) -> None:
    """A codec that another beats in everything is left out; work on the device is the way's own."""
    graph = tiny_network.graph
    plain = _made(tiny_network, CodecPlace.parse(graph, "exit2:p4"), tmp_path, [], seconds=0.2).record
    larger, deeper = replace(plain, bytes_mean=plain.bytes_mean + 1), replace(plain, bytes_mean=10.0, start=5)
    assert front([plain, larger, deeper], graph) == (plain, deeper)
    assert device_macs(plain, graph) < device_macs(deeper, graph)
    back = replace(plain, direction="down")
    assert device_macs(back, graph) == plain.decoder_macs + sum(
        layer.macs for layer in graph.paths[1].layers[4:]
    )
