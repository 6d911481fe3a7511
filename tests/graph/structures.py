"""Small networks with two exits, built as people build large ones in torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE, CLASSES = 16, 10


class TwoExits(nn.Module):
    """A stem, two blocks, and an exit behind each block."""

    def __init__(self, block: Callable[[int, int], nn.Module], widths: tuple[int, int, int]) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 3, stride=2, padding=1), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        self.blocks = nn.ModuleList([block(widths[0], widths[1]), block(widths[1], widths[2])])
        self.exits = nn.ModuleList([nn.Linear(width, CLASSES) for width in widths[1:]])

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The logits of both exits."""
        features, logits = self.stem(image), []
        for block, classifier in zip(self.blocks, self.exits, strict=True):
            features = block(features)
            pooled = functional.adaptive_avg_pool2d(features, 1)
            logits.append(classifier(torch.flatten(pooled, 1)))
        return tuple(logits)


class Residual(nn.Module):
    """ResNet's block with a projection where the width changes."""

    def __init__(self, width_in: int, width_out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width_in, width_out, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width_out)
        self.conv2 = nn.Conv2d(width_out, width_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width_out)
        self.downsample = nn.Conv2d(width_in, width_out, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The block's output."""
        inner = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(inner)) + self.downsample(x))


class Dense(nn.Module):
    """DenseNet's block of two layers that read all before them, and the transition behind it."""

    def __init__(self, width_in: int, width_out: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.BatchNorm2d(width_in + 4 * k), nn.ReLU(), nn.Conv2d(width_in + 4 * k, 4, 3, padding=1)
            )
            for k in range(2)
        )
        self.transition = nn.Conv2d(width_in + 8, width_out, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The transition's output."""
        for layer in self.layers:
            x = torch.cat([x, layer(x)], 1)
        return functional.avg_pool2d(self.transition(x), 2)


class Inception(nn.Module):
    """GoogLeNet's block: parallel branches, concatenated."""

    def __init__(self, width_in: int, width_out: int) -> None:
        super().__init__()
        part = width_out // 4
        self.branch1 = nn.Conv2d(width_in, part, 1)
        self.branch2 = nn.Sequential(nn.Conv2d(width_in, part, 1), nn.Conv2d(part, 2 * part, 3, padding=1))
        self.branch3 = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(width_in, part, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The concatenation of the branches."""
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x)], 1)


class SqueezeExcite(nn.Module):
    """MobileNetV3's block: an expansion, a depthwise convolution, a gate, a projection."""

    def __init__(self, width_in: int, width_out: int) -> None:
        super().__init__()
        self.expand = nn.Conv2d(width_in, 2 * width_in, 1)
        self.depthwise = nn.Conv2d(2 * width_in, 2 * width_in, 3, padding=1, groups=2 * width_in)
        self.squeeze = nn.Conv2d(2 * width_in, 4, 1)
        self.excite = nn.Conv2d(4, 2 * width_in, 1)
        self.project = nn.Conv2d(2 * width_in, width_out, 1)
        self.activation = nn.Hardswish()
        self.gate = nn.Hardsigmoid()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The projection of the gated features."""
        x = self.activation(self.depthwise(self.activation(self.expand(x))))
        inner = functional.relu(self.squeeze(x.mean((2, 3), keepdim=True)))
        projection: torch.Tensor = self.project(x * self.gate(self.excite(inner)))
        return projection


class Depthwise(nn.Module):
    """MobileNetV1's block: a depthwise and a pointwise convolution."""

    def __init__(self, width_in: int, width_out: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(width_in, width_in, 3, stride=2, padding=1, groups=width_in)
        self.pointwise = nn.Conv2d(width_in, width_out, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The features at half the size."""
        return functional.relu6(self.pointwise(functional.relu6(self.depthwise(x))))


class ReadsBatch(nn.Module):
    """Every view asks the image for its batch, as older training code does."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)])
        self.pool = nn.MaxPool2d(2)
        self.exits = nn.ModuleList([nn.Linear(4 * 8 * 8, CLASSES), nn.Linear(4 * 4 * 4, CLASSES)])

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The logits of both exits."""
        batch, features, logits = image.size(0), image, []
        for conv, classifier in zip(self.convs, self.exits, strict=True):
            features = self.pool(functional.relu(conv(features)))
            logits.append(classifier(features.view(batch, -1)))
        return tuple(logits)


class EncoderBlock(nn.Module):
    """A transformer's: attention and a perceptron, each beside a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.self_attention = nn.MultiheadAttention(width, 2, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The tokens, of the same shape."""
        normal = self.ln_1(x)
        x = x + self.self_attention(normal, normal, normal, need_weights=False)[0]
        tokens: torch.Tensor = x + self.mlp(self.ln_2(x))
        return tokens


class VisionTransformer(nn.Module):
    """Patches, a class token, two blocks, and an exit behind each that reads the class token."""

    def __init__(self, width: int = 16, patch: int = 4) -> None:
        super().__init__()
        self.conv_proj = nn.Conv2d(3, width, patch, patch)
        self.tokens = (SIZE // patch) ** 2
        self.class_token = nn.Parameter(torch.randn(1, 1, width))
        self.positions = nn.Parameter(torch.randn(1, self.tokens + 1, width))
        self.blocks = nn.ModuleList([EncoderBlock(width), EncoderBlock(width)])
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.exits = nn.ModuleList([nn.Linear(width, CLASSES), nn.Linear(width, CLASSES)])

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The logits of both exits."""
        batch = image.shape[0]
        x = self.conv_proj(image).reshape(batch, -1, self.tokens).permute(0, 2, 1)
        x = torch.cat([self.class_token.expand(batch, -1, -1), x], 1) + self.positions
        logits = []
        for block, norm, classifier in zip(self.blocks, self.norms, self.exits, strict=True):
            x = block(x)
            logits.append(classifier(norm(x)[:, 0]))
        return tuple(logits)


STRUCTURES: dict[str, Callable[[], nn.Module]] = {
    "residual": lambda: TwoExits(Residual, (4, 4, 8)),
    "dense": lambda: TwoExits(Dense, (4, 8, 8)),
    "inception": lambda: TwoExits(Inception, (4, 8, 16)),
    "squeeze-excite": lambda: TwoExits(SqueezeExcite, (4, 8, 8)),
    "depthwise": lambda: TwoExits(Depthwise, (4, 8, 16)),
    "reads the batch": ReadsBatch,
    "transformer": VisionTransformer,
}
