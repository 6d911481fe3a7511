"""Feature codecs of random weights, for tests of everything around them: a linear map to a code and back."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edgent.core.segment import Segment
from edgent.generated_file import Provenance
from edgent.graph.cutter import ELEMENT_TYPES
from edgent.graph.feature_record import CodecTrainingRecord, ExitScore, FeatureCodecRecord, codec_files
from edgent.graph.reading import read_branchy_graph
from edgent.graph.tensor import Tensor

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.feature_record import Direction
    from edgent.network import Network
    from edgent.planning.plan import Plan

CODE_SHAPE = (4, 3, 2)
SIZE_BYTES = 64.0
MACS = 10_000
WITHOUT, WITH_CODEC = 0.9, 0.85
_TRAINING = CodecTrainingRecord(1, "0" * 64, 1, False, "", 1.0, 1.0, 0, 64, 1, "cpu")


def write_random_codec(
    folder: Path,
    graph: BranchyGraph,
    name: str,
    reads: int,
    gives: int,
    direction: Direction = "up",
    *,
    exit_index: int = -1,
    seed: int = 0,
    opset: int = 17,
) -> Path:
    """Write a codec between two partition points of an exit's path; returns its record's file."""
    path = graph.paths[exit_index]
    first, last = path.cut(reads), path.cut(gives)
    code, record = f"{name}.code", folder / f"{name}.yaml"
    files = codec_files(record)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(_linear(first, code, CODE_SHAPE, TensorProto.UINT8, seed, opset), files[0])
    onnx.save(_linear_back(code, last, seed + 1, opset), files[1])
    encoder_sha256, decoder_sha256 = (hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    FeatureCodecRecord(
        made_by=Provenance.here_and_now(graph.sha256, "edgent compress SPEC"),
        name=name,
        exit=path.exit_name,
        start=reads,
        stop=gives,
        reads=first.name,
        gives=last.name,
        direction=direction,
        encoder_sha256=encoder_sha256,
        decoder_sha256=decoder_sha256,
        code_shape=CODE_SHAPE,
        levels=256,
        bytes_mean=SIZE_BYTES,
        bytes_p95=SIZE_BYTES,
        held_out=100,
        measure="accuracy",
        exits=tuple(ExitScore(other, WITHOUT, WITH_CODEC) for other in graph.exit_names),
        encoder_macs=MACS,
        decoder_macs=MACS,
        replaced_macs=0,
        network_macs=path.macs,
        training=_TRAINING,
    ).write(record)
    return record


def _linear(
    first: Tensor, last: str, shape: tuple[int, ...], element: int, seed: int, opset: int
) -> onnx.ModelProto:
    """A tensor as floats, made another one by a matrix, and rounded to bytes where these are wanted."""
    weights = np.random.default_rng(seed).normal(size=(math.prod(first.shape), math.prod(shape)))
    scale = 60.0 if first.dtype == "float32" else 0.5
    rounded = element == TensorProto.UINT8
    constants = {
        "weights": (scale * weights / np.sqrt(len(weights))).astype(np.float32),
        "middle": np.array(127.0 if rounded else 0.0, np.float32),
        "shape": np.array([-1, *shape]),
        "least": np.array(0.0, np.float32),
        "most": np.array(255.0, np.float32),
    }
    nodes = [
        helper.make_node("Cast", [first.name], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["floats"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["mixed"]),
        helper.make_node("Add", ["mixed", "middle"], ["moved"]),
        helper.make_node("Reshape", ["moved", "shape"], ["shaped" if rounded else last]),
    ]
    if rounded:
        nodes += [
            helper.make_node("Round", ["shaped"], ["round"]),
            helper.make_node("Clip", ["round", "least", "most"], ["clipped"]),
            helper.make_node("Cast", ["clipped"], [last], to=TensorProto.UINT8),
        ]
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info(first.name, ELEMENT_TYPES[first.dtype], ["batch", *first.shape])],
        [helper.make_tensor_value_info(last, element, ["batch", *shape])],
        [numpy_helper.from_array(values, key) for key, values in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def _linear_back(code: str, last: Tensor, seed: int, opset: int) -> onnx.ModelProto:
    """Back from a code to floats."""
    return _linear(Tensor(code, CODE_SHAPE, "uint8"), last.name, last.shape, TensorProto.FLOAT, seed, opset)


SPEC = """\
version: 1
name: tiny
model: {{file: network.onnx}}
input: {{shape: {shape}, labels: [a, b, c, d, e, f, g, h, i, j]}}
exits: [{exits}]
codecs:
  features:
  - features/student.yaml
  - features/late.yaml
  - features/back.yaml
"""


def write_pipeline(folder: Path, model: Path, *, late_seed: int = 10) -> Path:
    """A network's spec with three codecs: up from the input to cut 2, up at cut 1, down at cut 2 to cut 3."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / "network.onnx"
    copy.write_bytes(model.read_bytes())
    graph = read_branchy_graph(copy)
    write_random_codec(folder / "features", graph, "student", 0, 2)
    write_random_codec(folder / "features", graph, "late", 1, 1, seed=late_seed)
    write_random_codec(folder / "features", graph, "back", 2, 3, "down", seed=20)
    exits = ", ".join(f"{{name: {name}, accuracy: 0.9}}" for name in graph.exit_names)
    spec = folder / "tiny.yaml"
    spec.write_text(SPEC.format(shape=list(graph.input_shape), exits=exits), encoding="utf-8")
    return spec


def chained(network: Network, plan: Plan, image: np.ndarray) -> np.ndarray:
    """What a plan's encoders, layers and decoders give in a row, all of them here."""
    tensor = image[np.newaxis]
    path, codecs = network.graph.path_of(plan.exit), network.feature_codecs
    for part in (part for stage in network.stages(plan) if stage.codec is None for part in stage.parts):
        file = (
            codecs[part.decoder].decoder
            if part.decoder
            else codecs[part.encoder].encoder
            if part.encoder
            else network.segments.segment(path.index, part.start, part.stop)
        )
        tensor = Segment(file).run(tensor)
    answer: np.ndarray = tensor[0]
    return answer
