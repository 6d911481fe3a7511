"""The pipeline of a device: what is copied, what is cut, and what is refused."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from device_runtime.runtime import DeviceRuntime
from edgent.bundle.device_pipeline import write_device_pipeline
from edgent.errors import ArchiveError
from edgent.network import Network
from edgent.shipped import shipped_pipelines
from edgent.spec import read_spec
from tests.random_feature_codec import write_pipeline

if TYPE_CHECKING:
    from pathlib import Path


def test_the_spec_names_the_segments(tmp_path: Path) -> None:
    """In place of the network's file, which stays behind; all else, comments too, is as it was."""
    shipped = shipped_pipelines()["lenet"]
    network = Network.open(read_spec(shipped), tmp_path / "cache")
    spec = write_device_pipeline(network, tmp_path / "pipeline")
    before, after = (file.read_text(encoding="utf-8").splitlines() for file in (shipped, spec))
    assert [line for line in after if line not in before] == ["  segments: lenet/segments"]
    assert [line for line in before if line not in after] == []
    assert not list((tmp_path / "pipeline").rglob("network.onnx"))
    assert not (tmp_path / "pipeline" / "lenet" / "samples").exists()
    assert Network.open(read_spec(spec), tmp_path / "unused").graph.paths == network.graph.paths
    assert not (tmp_path / "unused").exists()


def test_learned_codecs_are_copied(tmp_path: Path) -> None:
    """Records with what a device runs of them: what the edge decodes, and held-out photos, stay behind."""
    network = Network.open(read_spec(shipped_pipelines()["flowers"]), tmp_path / "cache")
    spec = write_device_pipeline(network, tmp_path / "pipeline")
    copied = Network.open(read_spec(spec)).feature_codecs
    assert [codec.code for codec in copied.values()] == [
        codec.code for codec in network.feature_codecs.values()
    ]
    assert {codec.direction for codec in copied.values()} == {"up"}
    onnx_files = {file.name for file in (tmp_path / "pipeline" / "flowers" / "features").glob("*.onnx")}
    assert onnx_files == {codec.encoder.name for codec in copied.values()}


def test_what_comes_down_is_copied_whole(chain_network: Path, tmp_path: Path) -> None:
    """A device decodes it, and makes codes itself when it profiles that."""
    network = Network.open(read_spec(write_pipeline(tmp_path / "tiny", chain_network)), tmp_path / "cache")
    spec = write_device_pipeline(network, tmp_path / "pipeline")
    files = {file.name for file in (spec.parent / "features").glob("*.onnx")}
    assert files == {"student.encoder.onnx", "late.encoder.onnx", "back.encoder.onnx", "back.decoder.onnx"}
    with DeviceRuntime.open(spec, plan="exit2:p2:back", inference_url="http://127.0.0.1:9") as runtime:
        assert runtime.infer(np.zeros((3, 8, 8), np.uint8)).edge is None


def test_files_outside_are_not_copied(tmp_path: Path, tiny_spec: Path) -> None:
    """A device does not have them where the spec looks for them."""
    (tmp_path / "inside").mkdir()
    text = tiny_spec.read_text(encoding="utf-8").replace("network.onnx", "../network.onnx")
    (tmp_path / "inside" / "tiny.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "network.onnx").write_bytes((tiny_spec.parent / "network.onnx").read_bytes())
    network = Network.open(read_spec(tmp_path / "inside" / "tiny.yaml"), tmp_path / "cache")
    with pytest.raises(ArchiveError, match="outside its own folder"):
        write_device_pipeline(network, tmp_path / "pipeline")


def test_samples_that_cannot_be_copied(tmp_path: Path, tiny_network: Network) -> None:
    """The file is named, in a folder as by itself."""
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "one.png").symlink_to("gone.png")
    os.mkfifo(tmp_path / "pipe.png")
    for samples, name in (("samples", "one.png"), ("pipe.png", "pipe.png")):
        with pytest.raises(ArchiveError, match=rf"cannot copy .*{name}") as refused:
            write_device_pipeline(tiny_network, tmp_path / "pipeline", tmp_path / samples)
        assert "None" not in str(refused.value)


def test_a_single_sample(tmp_path: Path, tiny_network: Network) -> None:
    """It is named as the file that it is."""
    sample = tmp_path / "photo.png"
    sample.write_bytes(b"as it is")
    spec = write_device_pipeline(tiny_network, tmp_path / "pipeline", sample)
    named = read_spec(spec)
    assert named.input.samples == "samples/photo.png"
    assert named.resolve("samples/photo.png").read_bytes() == b"as it is"
