"""Pixels as the input of a network that takes floats: the same answers as with the device's arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from edgent.graph.onnx_file import load
from edgent.graph.reading import read_branchy_graph
from edgent.inputs import to_tensor
from edgent.new_pipeline.folding import fold
from edgent.new_pipeline.given_network import GivenNetwork
from edgent.new_pipeline.normalisation import NORMALISATIONS, Normalisation
from edgent.spec import Pipeline
from tests.networks import before_version_4, one_output

if TYPE_CHECKING:
    from pathlib import Path

RANDOM = np.random.default_rng(6)


def _spec(shape: tuple[int, ...], dtype: str, layout: str, way: Normalisation | None) -> Pipeline:
    steps = {} if way is None else {"mean": way.mean, "scale": way.scale, "colour_order": way.colour_order}
    return Pipeline.model_validate(
        {
            "version": 1,
            "name": "tiny",
            "model": {"file": "n.onnx"},
            "input": {"shape": shape, "dtype": dtype, "layout": layout, "preprocessing": steps},
            "exits": ({"name": "logits"},),
            "output": "tensor",
        }
    )


@pytest.mark.parametrize("shape", [(3, 16, 16), (16, 16, 3)])
@pytest.mark.parametrize("name", NORMALISATIONS)
def test_the_device_would_compute_the_same(name: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    """Bit for bit: pixels through the folded network, and normalised ones through the network itself."""
    way, layout = NORMALISATIONS[name], "CHW" if shape[0] == 3 else "HWC"
    network, _ = load(one_output(tmp_path / "n.onnx", shape))
    folded = fold(network, way, 3, layout)
    onnx.checker.check_model(folded, full_check=True)
    photo = Image.fromarray(RANDOM.integers(0, 256, (20, 24, 3), np.uint8))
    pixels = to_tensor(photo, _spec(shape, "uint8", layout, None))
    floats = to_tensor(photo, _spec(shape, "float32", layout, way))
    before = onnxruntime.InferenceSession(network.SerializeToString()).run(None, {"image": floats})
    after = onnxruntime.InferenceSession(folded.SerializeToString()).run(None, {"pixels": pixels})
    np.testing.assert_array_equal(before[0], after[0])


def test_nothing_else_changes(tmp_path: Path) -> None:
    """Weights and nodes of the network are its own, and so is the batch."""
    network, _ = load(one_output(tmp_path / "n.onnx"))
    folded = fold(network, NORMALISATIONS["imagenet"], 3, "CHW")
    assert list(folded.graph.node)[-len(network.graph.node) :] == list(network.graph.node)
    own = [weight for weight in folded.graph.initializer if not weight.name.startswith("/pixels/")]
    assert own == list(network.graph.initializer)
    (tmp_path / "folded.onnx").write_bytes(folded.SerializeToString())
    graph = read_branchy_graph(tmp_path / "folded.onnx")
    assert (graph.input_name, graph.input_shape, graph.input_dtype) == ("pixels", (3, 16, 16), "uint8")


def test_old_files_and_half_floats(tmp_path: Path) -> None:
    """Weights among the inputs stay weights; a network of other floats gets these."""
    old = before_version_4(one_output(tmp_path / "n.onnx"), tmp_path / "old.onnx")
    folded = fold(load(old)[0], NORMALISATIONS["unit"], 3, "CHW")
    assert [value.name for value in folded.graph.input] == ["pixels"]
    for name, dtype in (("float16", np.float16), ("double", np.float64)):
        tiny = onnx.parser.parse_model(f"""
            <ir_version: 8, opset_import: ["" : 17]>
            tiny ({name}[n, 1, 2, 2] x) => ({name}[n, 4] y) {{ y = Flatten(x) }}""")
        (tmp_path / "tiny.onnx").write_bytes(tiny.SerializeToString())
        given = GivenNetwork.read(tmp_path / "tiny.onnx")
        assert (given.takes_floats, given.channels) == (True, 1)
        session = onnxruntime.InferenceSession(
            fold(tiny, NORMALISATIONS["symmetric"], 1, "CHW").SerializeToString()
        )
        answer = session.run(None, {"pixels": np.array([[[[0, 255], [255, 0]]]], np.uint8)})[0]
        assert (answer.dtype, answer.tolist()) == (dtype, [[-1, 1, 1, -1]])
