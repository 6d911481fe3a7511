"""The layers behind a codec in torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from edgent.compression.codec_place import CodecPlace
from edgent.compression.frozen_tail import FrozenTail
from edgent.compression.torch_operators import NotCoveredError
from edgent.core.segment import Segment
from edgent.network import Network
from edgent.spec import read_spec
from tests.networks import residual

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def _answers(network: Network, place: CodecPlace, tensors: np.ndarray) -> np.ndarray:
    paths = [network.graph.path_of(name) for name in place.exits]
    tails = [Segment(network.segments.tail(path.index, place.stop)) for path in paths]
    return np.concatenate([tail.run(tensors) for tail in tails], axis=1)


@pytest.mark.parametrize("at", ["exit2:p1", "exit2:p3", "exit2:p4", "exit2:p7", "exit1:p4"])
def test_all_exits_answer_as_in_onnxruntime(tiny_network: Network, at: str) -> None:
    """Wherever the codec stands, and gradients reach its tensor."""
    place = CodecPlace.parse(tiny_network.graph, at)
    tail = FrozenTail(tiny_network, place)
    tensors = np.random.default_rng(0).normal(size=(5, *place.gives.shape)).astype(np.float32)
    tail.check(tensors, _answers(tiny_network, place, tensors))
    source = torch.from_numpy(tensors).requires_grad_()
    answers: Sequence[torch.Tensor] = tail(source)
    assert [answer.shape for answer in answers] == [(5, 10)] * len(place.exits)
    sum(answer.square().sum() for answer in answers).backward()  # type: ignore[union-attr]
    assert source.grad is not None
    assert float(source.grad.abs().sum()) > 0
    assert not list(tail.parameters())


def test_additions_across_layers(tmp_path: Path, tiny_network: Network) -> None:
    """Residual blocks are read whole."""
    residual(tmp_path / "network.onnx")
    text = tiny_network.spec.file.read_text(encoding="utf-8")
    (tmp_path / "residual.yaml").write_text(text, encoding="utf-8")
    network = Network.open(read_spec(tmp_path / "residual.yaml"), tmp_path / "cache")
    place = CodecPlace.parse(network.graph, "exit2:p2")
    tensors = np.random.default_rng(0).normal(size=(3, *place.gives.shape)).astype(np.float32)
    FrozenTail(network, place).check(tensors, _answers(network, place, tensors))


def test_other_answers_are_refused(tiny_network: Network) -> None:
    """An operator that torch computed otherwise would teach nonsense."""
    place = CodecPlace.parse(tiny_network.graph, "exit2:p3")
    tensors = np.random.default_rng(0).normal(size=(5, *place.gives.shape)).astype(np.float32)
    with pytest.raises(NotCoveredError, match="answers differ by"):
        FrozenTail(tiny_network, place).check(tensors, 1.1 * _answers(tiny_network, place, tensors))
