"""What system tests share: a network that is not ours."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def exported_network() -> Callable[[Path], Path]:
    """Writes a residual network of two exits and ten classes, input uint8 3x12x12, exported by torch."""
    pytest.importorskip("torch", reason="torch exports the network")
    return _export


def _export(file: Path) -> Path:
    import torch  # noqa: PLC0415  only these tests need it
    from torch import nn  # noqa: PLC0415

    class Block(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            self.first = nn.Conv2d(channels, channels, 3, padding=1)
            self.norm = nn.BatchNorm2d(channels)
            self.second = nn.Conv2d(channels, channels, 3, padding=1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.relu(x + self.second(torch.relu(self.norm(self.first(x)))))

    class Branchy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 8, 3, padding=1)
            self.blocks = nn.ModuleList([Block(8), Block(8)])
            self.classifiers = nn.ModuleList([nn.Linear(8, 10), nn.Linear(8, 10)])

        def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
            x = torch.relu(self.stem(image.float() / 255))
            exits = []
            for block, classifier in zip(self.blocks, self.classifiers, strict=True):
                x = block(x)
                exits.append(classifier(x.mean((2, 3))))
            return tuple(exits)

    torch.manual_seed(3)
    network = Branchy().eval()
    image = torch.zeros(1, 3, 12, 12, dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # of the older exporter, which takes 1 s instead of 11
        torch.onnx.export(
            network,
            (image,),
            str(file),
            input_names=["image"],
            output_names=["exit1", "exit2"],
            dynamic_axes={name: {0: "batch"} for name in ("image", "exit1", "exit2")},
            dynamo=False,
        )
    return file
