"""Encoder and decoder as ONNX files: what was trained, and the same bits everywhere."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
import torch

from edgent.compression.codec_export import CodecFiles, Versions, export_codec
from edgent.compression.codec_network import FeatureCodecNetwork
from edgent.compression.codec_place import DOWN, UP, CodecPlace
from edgent.compression.codec_work import multiply_accumulates
from edgent.core.segment import Segment
from edgent.graph.tensor import Tensor

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.compression.codec_place import Direction

VERSIONS = Versions(17, 8)
PLACES = {
    "plain": ((24, 14, 14), (24, 14, 14), "float32", UP),
    "halved": ((12, 28, 30), (12, 28, 30), "float32", UP),
    "down": ((12, 28, 30), (12, 28, 30), "float32", DOWN),
    "student": ((3, 65, 64), (24, 9, 8), "uint8", UP),
    "jump": ((8, 32, 32), (24, 8, 8), "float32", UP),
    "odd": ((6, 13, 27), (6, 13, 27), "float16", UP),
}


def _place(reads: tuple[int, ...], gives: tuple[int, ...], dtype: str, direction: Direction) -> CodecPlace:
    start = 0 if reads != gives else 5
    source = Tensor("reads", reads, dtype)
    return CodecPlace("exit2", start, 5, source, Tensor("gives", gives, "float32"), ("exit2",), direction)


def _trained(place: CodecPlace) -> FeatureCodecNetwork:
    """A codec with weights and statistics as after some steps."""
    torch.manual_seed(0)
    codec = FeatureCodecNetwork(place, 6)
    codec.read_deviation.fill_(64.0 if place.reads.dtype == "uint8" else 1.5)
    codec.given_mean.normal_()
    codec.given_deviation.uniform_(0.5, 2)
    for module in codec.train().modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 0.9  # three steps are enough to know what passes
    for seed in range(3):
        codec.decode(codec.encode(torch.from_numpy(_samples(place, 16, seed)).float()).round())
    return codec.eval()


def _samples(place: CodecPlace, count: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    shape = (count, *place.reads.shape)
    if place.reads.dtype == "uint8":
        return random.integers(0, 256, shape).astype(np.uint8)
    return random.normal(size=shape).astype(place.reads.dtype)


@pytest.fixture(scope="module", params=PLACES)
def case(request: pytest.FixtureRequest) -> tuple[CodecPlace, FeatureCodecNetwork, CodecFiles]:
    """A place, a codec that stands there, and its files."""
    place = _place(*PLACES[request.param])
    codec = _trained(place)
    return place, codec, export_codec(codec, place, "tiny", VERSIONS)


def test_they_are_what_was_trained(case: tuple[CodecPlace, FeatureCodecNetwork, CodecFiles]) -> None:
    """Codes but for elements that lie between two levels, and tensors within single precision."""
    place, codec, files = case
    samples = _samples(place, 20, seed=9)
    with torch.no_grad():
        code = codec.encode(torch.from_numpy(samples).float()).round()
        given = codec.restored(codec.decode(code)).numpy()
    encoded = Segment(files.encoder).run(samples)
    assert encoded.dtype == np.uint8
    assert encoded.shape == (20, 6, codec.code.height, codec.code.width)
    assert len(np.unique(encoded)) > 3
    assert (encoded != code.numpy()).mean() < 1e-3
    decoded = Segment(files.decoder).run(code.numpy().astype(np.uint8))
    assert decoded.shape == (20, *place.gives.shape)
    np.testing.assert_allclose(decoded, given, rtol=1e-3, atol=1e-3 * given.std())


def test_names_and_operators(case: tuple[CodecPlace, FeatureCodecNetwork, CodecFiles]) -> None:
    """Tensors have the network's names, operators are few and ONNX's own; equal weights give equal bytes."""
    place, codec, files = case
    for content, first, last in (
        (files.encoder, "reads", "tiny.code"),
        (files.decoder, "tiny.code", "gives"),
    ):
        model = onnx.load_model_from_string(content)
        assert [value.name for value in (*model.graph.input, *model.graph.output)] == [first, last]
        assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
        assert {node.domain for node in model.graph.node} == {""}
        assert {node.op_type for node in model.graph.node} <= {
            "Add", "Cast", "Clip", "Conv", "ConvTranspose", "Relu", "Round",
        }  # fmt: skip
        assert model.opset_import[0].version == 17
        assert multiply_accumulates(content) > 0
    assert export_codec(codec, place, "tiny", VERSIONS) == files


def test_one_by_one_or_many_at_once(case: tuple[CodecPlace, FeatureCodecNetwork, CodecFiles]) -> None:
    """A batch gives each sample the bits that it has alone, in another session, too."""
    place, _, files = case
    samples = _samples(place, 40, seed=1)
    encoder, decoder = Segment(files.encoder), Segment(files.decoder)
    codes = encoder.run(samples)
    alone = np.concatenate([Segment(files.encoder).run(sample[np.newaxis]) for sample in samples[:3]])
    alone = np.concatenate([alone, *(encoder.run(sample[np.newaxis]) for sample in samples[3:])])
    assert np.array_equal(alone, codes)
    tensors = decoder.run(codes)
    again = [Segment(files.decoder).run(codes[k : k + 1]) for k in range(3)]
    assert np.array_equal(np.concatenate(again), tensors[:3])


_OTHER_PROCESS = """
import hashlib, sys
import numpy as np
from pathlib import Path
from edgent.core.segment import Segment
folder = Path(sys.argv[1])
codes = Segment(folder / "encoder.onnx").run(np.load(folder / "samples.npy", allow_pickle=False))
tensors = Segment(folder / "decoder.onnx").run(codes)
print(hashlib.sha256(codes.tobytes()).hexdigest(), hashlib.sha256(tensors.tobytes()).hexdigest())
"""


def test_another_process_has_the_same_bits(tmp_path: Path) -> None:
    """Many samples; as a device and an edge are processes of their own."""
    place = _place(*PLACES["student"])
    files = export_codec(_trained(place), place, "tiny", VERSIONS)
    samples = _samples(place, 300, seed=2)
    (tmp_path / "encoder.onnx").write_bytes(files.encoder)
    (tmp_path / "decoder.onnx").write_bytes(files.decoder)
    np.save(tmp_path / "samples.npy", samples)
    codes = Segment(files.encoder).run(samples)
    tensors = Segment(files.decoder).run(codes)
    there = subprocess.run(
        [sys.executable, "-c", _OTHER_PROCESS, str(tmp_path)], check=True, capture_output=True, text=True
    ).stdout.split()
    assert there == [hashlib.sha256(array.tobytes()).hexdigest() for array in (codes, tensors)]


def test_versions_of_old_networks() -> None:
    """Operators that a network's operator set lacks ask for the oldest one that has them."""
    model = onnx.ModelProto(ir_version=3, opset_import=[onnx.helper.make_opsetid("", 9)])
    assert Versions.of(model) == Versions(13, 7)
    model.ir_version, model.opset_import[0].version = 10, 21
    assert Versions.of(model) == Versions(21, 10)
