"""What a model file may hold beside itself, and how large it may be."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, external_data_helper, helper, numpy_helper

from edgent.core.segment import Segment
from edgent.errors import ModelError, StaleFileError
from edgent.graph import model_file
from edgent.graph.description import read_graph
from edgent.graph.reading import read_branchy_graph
from edgent.graph.segments import Segments
from tests.graph.runs import check_every_cut

VGG16_BYTES = 553_437_328


def with_external_data(network: Path, folder: Path, location: str = "weights.bin") -> Path:
    """The network with its weights in a file beside it."""
    folder.mkdir(exist_ok=True)
    model = onnx.load(network)
    external_data_helper.convert_model_to_external_data(model, location="weights.bin", size_threshold=0)
    onnx.save(model, folder / "n.onnx")
    model = onnx.load(folder / "n.onnx", load_external_data=False)
    for weight in model.graph.initializer:
        for entry in weight.external_data:
            if entry.key == "location":
                entry.value = location
    onnx.save(model, folder / "n.onnx")
    return folder / "n.onnx"


def test_external_data_is_read(chain_network: Path, tmp_path: Path) -> None:
    """The network is that with the weights inside, every cut exact, from a folder below as well."""
    inside = read_branchy_graph(chain_network)
    file = with_external_data(chain_network, tmp_path / "a")
    graph = read_graph(file, cache=tmp_path)
    assert graph.paths == inside.paths
    assert graph.sha256 != inside.sha256
    check_every_cut(graph, tmp_path, (1, 3))
    segments, expected = Segments(graph, tmp_path), Segments(inside, tmp_path)
    assert segments.head(1, 3).read_bytes() == expected.head(1, 3).read_bytes()
    below = with_external_data(chain_network, tmp_path / "b", "data/weights.bin")
    (below.parent / "data").mkdir()
    (below.parent / "weights.bin").rename(below.parent / "data" / "weights.bin")
    assert read_graph(below, cache=tmp_path).paths == inside.paths


def test_the_digest_covers_external_data(chain_network: Path, tmp_path: Path) -> None:
    """One bit of a weight makes another network, though the ONNX file is the same."""
    file = with_external_data(chain_network, tmp_path / "a")
    first = read_graph(file, cache=tmp_path)
    weights = bytearray((file.parent / "weights.bin").read_bytes())
    weights[100] ^= 1
    (file.parent / "weights.bin").write_bytes(weights)
    second = read_graph(file, cache=tmp_path)
    assert first.sha256 != second.sha256
    heads = [Segments(graph, tmp_path).folder for graph in (first, second)]
    assert heads[0] != heads[1]
    with pytest.raises(StaleFileError, match="changed in use"):
        Segments(first, tmp_path).head(0, 1)


@pytest.mark.parametrize("location", ["../weights.bin", "/etc/hostname", "link"])
def test_external_data_outside_the_folder(chain_network: Path, tmp_path: Path, location: str) -> None:
    """A way up, an absolute path and a link are not followed."""
    file = with_external_data(chain_network, tmp_path / "a", location)
    (file.parent / "weights.bin").rename(tmp_path / "weights.bin")
    (file.parent / "link").symlink_to(tmp_path / "weights.bin")
    with pytest.raises(ModelError, match=rf"keeps weights in '{location}', outside its own folder"):
        read_graph(file, cache=tmp_path)


@pytest.mark.parametrize("location", ["weights\0.bin", "loop"])
def test_external_data_in_no_file(chain_network: Path, tmp_path: Path, location: str) -> None:
    """A name with a null character, which no file has, and a link to itself."""
    file = with_external_data(chain_network, tmp_path / "a", location)
    (file.parent / "loop").symlink_to("loop")
    with pytest.raises(
        ModelError, match=r"in '(weights.*|loop)', which is no file's name|cannot read the model"
    ):
        read_graph(file, cache=tmp_path)


def test_broken_external_data(chain_network: Path, tmp_path: Path) -> None:
    """Cut short, missing, a folder, and named nowhere."""
    file = with_external_data(chain_network, tmp_path / "a")
    weights = file.parent / "weights.bin"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(ModelError, match=r"of 'weights.bin', which has .*; fetch or export both files again"):
        read_graph(file, cache=tmp_path)
    weights.unlink()
    with pytest.raises(ModelError, match=r"weights.bin: No such file.*; put it beside .*n.onnx"):
        read_graph(file, cache=tmp_path)
    weights.mkdir()
    with pytest.raises(ModelError, match=r"weights\.bin is no file"):
        read_graph(file, cache=tmp_path)
    model = onnx.load(file, load_external_data=False)
    for weight in model.graph.initializer:
        del weight.external_data[:]
    onnx.save(model, file)
    with pytest.raises(ModelError, match=r"which has 0|no valid ONNX"):
        read_graph(file, cache=tmp_path)


def test_all_files_count(chain_network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cap is checked against sizes on disk, before a file is read, and holds for all files together."""
    file = with_external_data(chain_network, tmp_path / "a")
    sizes = [(file.parent / name).stat().st_size for name in ("n.onnx", "weights.bin")]
    monkeypatch.setattr(model_file, "MAX_MODEL_BYTES", sum(sizes) - 1)
    with pytest.raises(ModelError, match=f"the limit is {sizes[1] - 1:,}.*for all files of a model"):
        read_graph(file, cache=tmp_path)
    monkeypatch.setattr(model_file, "MAX_MODEL_BYTES", sizes[0] - 1)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("was read"))
    with pytest.raises(ModelError, match=f"the limit is {sizes[0] - 1:,}"):
        read_graph(file, cache=tmp_path)


def test_what_protobuf_cannot_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """2 GiB are refused unread; the size of VGG-16 is no reason."""
    file = tmp_path / "n.onnx"
    file.touch()
    os.truncate(file, 2 * 1024**3)
    monkeypatch.setattr(Path, "read_bytes", lambda _: b"no network")
    with pytest.raises(ModelError, match="the limit is 2,147,483,647"):
        read_branchy_graph(file)
    os.truncate(file, VGG16_BYTES)
    with pytest.raises(ModelError, match="no valid ONNX file"):
        read_branchy_graph(file)


@pytest.mark.full
@pytest.mark.parametrize("external", [False, True])
def test_a_network_of_the_size_of_vgg16(tmp_path: Path, external: bool) -> None:
    """It is read, cut and run on the default limits; its first fully connected layer has 411 MB."""
    widths = [25088, 4096, 4096, 4096, 10]
    nodes, weights = [], []
    for k, (width_in, width_out) in enumerate(pairwise(widths)):
        matrix = np.full((width_in, width_out), 1 / width_in, np.float32)
        weights.append(numpy_helper.from_array(matrix, f"w{k}"))
        nodes.append(helper.make_node("Gemm", [f"t{k}", f"w{k}"], [f"t{k + 1}"]))
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width])
        for name, width in (("t0", widths[0]), ("t4", widths[-1]))
    ]
    graph = helper.make_graph(nodes, "large", values[:1], values[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "n.onnx", save_as_external_data=external)
    del model, graph, weights
    large = read_graph(tmp_path / "n.onnx", cache=tmp_path)
    assert sum(layer.parameters for layer in large.paths[0].layers) * 4 > VGG16_BYTES - 10_000_000
    segments = Segments(large, tmp_path)
    images = np.ones((2, widths[0]), np.float32)
    crossing = Segment(segments.head(0, 1)).run(images)
    answer = Segment(segments.tail(0, 1)).run(crossing)
    np.testing.assert_allclose(answer, np.ones((2, 10)), rtol=1e-3)
