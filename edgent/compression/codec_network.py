"""Encoder and decoder of a feature codec while they are trained.

Both are chains of convolutions, with batch normalisation that is folded away when they are exported. The
device's side is light: two 1x1 convolutions with a depthwise one between them or, where the encoder replaces
layers, inverted residuals as in MobileNetV2 (Sandler et al. 2018). The edge's side is wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from edgent.compression.codec_place import DOWN, CodecPlace

if TYPE_CHECKING:
    from collections.abc import Iterator

LEVELS = 9
"""Values that an element of a code has: few of them and more channels tell more in as many bytes."""
_LARGEST_SIDE = 16  # of a code, in elements: larger activations are halved on the way
_LIGHT, _WIDE = (16, 64), (32, 128)  # fewest and most channels inside the two halves
_WIDE_BLOCKS, _WIDE_EXPANSION = 3, 2
_STUDENT_WIDTHS = (32, 40, 80)  # of the first convolution, after the first halving behind it, and beyond
_STUDENT_EXPANSION = 3
_DEVIATION = 1.0  # of a code's elements at first, in steps between levels


class ConvNorm(nn.Module):
    """Convolution, batch normalisation and, where wanted, relu; the size falls by the stride, rounded up."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        *,
        relu: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            channels_in, channels_out, kernel, stride, kernel // 2, groups=groups, bias=False
        )
        self.norm = nn.BatchNorm2d(channels_out)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels_out, ceil(h / stride), ceil(w / stride))."""
        x = self.norm(self.conv(x))
        return x.relu() if self.relu else x


class Block(nn.Sequential):
    """An inverted residual: wider, depthwise, narrower, and the input added where shapes agree."""

    def __init__(self, channels_in: int, channels_out: int, expansion: int, stride: int = 1) -> None:
        width = channels_in * expansion
        super().__init__(
            ConvNorm(channels_in, width),
            ConvNorm(width, width, 3, stride, groups=width),
            ConvNorm(width, channels_out, relu=False),
        )
        self.adds = stride == 1 and channels_in == channels_out

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels_out, ceil(h / stride), ceil(w / stride))."""
        y = x
        for part in self:
            y = part(y)
        return x + y if self.adds else y


class Enlarge(nn.Module):
    """Every element several times, and then as many of them as are wanted."""

    def __init__(self, channels: int, size: tuple[int, int], larger: tuple[int, int]) -> None:
        super().__init__()
        self.channels, self.size, self.larger = channels, size, larger
        self.factors = (-(-larger[0] // size[0]), -(-larger[1] // size[1]))

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, *larger)."""
        x = x.repeat_interleave(self.factors[0], 2).repeat_interleave(self.factors[1], 3)
        return x[:, :, : self.larger[0], : self.larger[1]]


@dataclass(frozen=True)
class CodeShape:
    """What crosses.

    Attributes:
        channels, height, width: of the code.
        levels: values that an element has: 0 .. levels - 1.
    """

    channels: int
    height: int
    width: int
    levels: int

    @property
    def elements(self) -> int:
        """Of one code."""
        return self.channels * self.height * self.width


class FeatureCodecNetwork(nn.Module):
    """Both halves, with the statistics that scale what they read and give.

    Attributes:
        encoder: from the scaled tensor that it reads to the code before rounding.
        decoder: from the code to the scaled tensor that it gives.
        code: the code's shape.
    """

    read_deviation: Tensor
    given_mean: Tensor
    given_deviation: Tensor

    def __init__(self, place: CodecPlace, channels: int, levels: int = LEVELS) -> None:
        """Make both with random weights.

        Args:
            place: where the codec stands.
            channels: of the code.
            levels: values that an element of the code has.
        """
        super().__init__()
        self.code = code_shape(place, channels, levels)
        self.encoder = nn.Sequential(*_encoder(place, channels, _halvings(place)))
        self.decoder = nn.Sequential(*_decoder(place, self.code))
        last = self.encoder[-1]
        assert isinstance(last, ConvNorm)
        nn.init.constant_(last.norm.weight, _DEVIATION)
        nn.init.constant_(last.norm.bias, (levels - 1) / 2)
        self.register_buffer("read_deviation", torch.ones(()))
        self.register_buffer("given_mean", torch.zeros(place.gives.shape[0], 1, 1))
        self.register_buffer("given_deviation", torch.ones(place.gives.shape[0], 1, 1))

    def encode(self, tensor: Tensor) -> Tensor:
        """The code before rounding, between 0 and levels - 1.

        Args:
            tensor: what the encoder reads, float32, shape (n, c, h, w).
        """
        code: Tensor = self.encoder(tensor / self.read_deviation)
        return code.clamp(0, self.code.levels - 1)

    def decode(self, code: Tensor) -> Tensor:
        """What the decoder gives for a rounded code, scaled by channel."""
        scaled: Tensor = self.decoder(code)
        return scaled

    def restored(self, scaled: Tensor) -> Tensor:
        """The tensor that a scaled one stands for."""
        return scaled * self.given_deviation + self.given_mean

    def scaled(self, given: Tensor) -> Tensor:
        """The tensor at the decoder's end, scaled by channel."""
        return (given - self.given_mean) / self.given_deviation


def rounded(code: Tensor) -> Tensor:
    """The code as it crosses; gradients pass as if it were not rounded (Bengio et al. 2013)."""
    return code + (code.round() - code).detach()


def code_shape(place: CodecPlace, channels: int, levels: int = LEVELS) -> CodeShape:
    """The shape of a code: what the encoder reads, halved until it is as small as is usual."""
    height, width = place.reads.shape[1:]
    for _ in range(_halvings(place)):
        height, width = (height + 1) // 2, (width + 1) // 2
    return CodeShape(channels, height, width, levels)


def _halvings(place: CodecPlace) -> int:
    """How often: to sixteen elements a side at most, and to no more than what the decoder gives."""
    largest = min(_LARGEST_SIDE, max(place.gives.shape[1:]))
    side, halvings = max(place.reads.shape[1:]), 0
    while side > largest:
        side, halvings = (side + 1) // 2, halvings + 1
    return halvings


def _width(channels: int, limits: tuple[int, int]) -> int:
    """Three times the activation's channels, within limits."""
    return max(limits[0], min(limits[1], 3 * channels))


def _encoder(place: CodecPlace, channels: int, halvings: int) -> Iterator[nn.Module]:
    channels_in = place.reads.shape[0]
    if place.jumps:
        yield from _student(channels_in, channels, halvings)
        return
    width = _width(channels_in, _WIDE if place.direction == DOWN else _LIGHT)
    yield ConvNorm(channels_in, width)
    for stride in [2] * halvings or [1]:
        yield ConvNorm(width, width, 3, stride, groups=width)
    if place.direction == DOWN:
        yield from (Block(width, width, _WIDE_EXPANSION) for _ in range(_WIDE_BLOCKS))
    yield ConvNorm(width, channels, relu=False)


def _student(channels_in: int, channels: int, halvings: int) -> Iterator[nn.Module]:
    """A small network of 31 million multiply-accumulates for 224x224 pixels to 14x14."""
    first, second, last = _STUDENT_WIDTHS
    at_once = min(2, halvings)
    yield ConvNorm(channels_in, first, 5, 2**at_once)
    yield ConvNorm(first, first, 3, 2 if halvings > at_once else 1, groups=first)
    yield ConvNorm(first, second, relu=False)
    yield Block(second, second, _STUDENT_EXPANSION)
    width = second
    for stride in [2] * (halvings - at_once - 1) or [1]:
        yield Block(width, last, _STUDENT_EXPANSION, stride)
        width = last
    yield Block(last, last, _STUDENT_EXPANSION)
    yield ConvNorm(last, channels, relu=False)


def _decoder(place: CodecPlace, code: CodeShape) -> Iterator[nn.Module]:
    channels_out, height, larger_width = place.gives.shape
    width = _width(channels_out, _LIGHT if place.direction == DOWN else _WIDE)
    yield ConvNorm(code.channels, width)
    if place.direction != DOWN:
        yield from (Block(width, width, _WIDE_EXPANSION) for _ in range(_WIDE_BLOCKS))
    if (height, larger_width) != (code.height, code.width):
        yield Enlarge(width, (code.height, code.width), (height, larger_width))
    yield ConvNorm(width, width, 3, groups=width)
    yield nn.Conv2d(width, channels_out, 1)
