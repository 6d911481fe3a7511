"""What a branchy network is made of while it is trained.

One module is one layer in the paper's sense, so that ``len`` of a path counts the paper's layers. Batch
normalisation exists only while training and belongs to the layer before it: export folds it into the
weights. Flattening belongs to the fully connected layer behind it.
"""

from collections import OrderedDict
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional


class ConvLayer(nn.Module):
    """A convolution that keeps the size (or pads as told), batch-normalised while training."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int, padding: int | None = None) -> None:
        super().__init__()
        padding = kernel // 2 if padding is None else padding
        self.conv = nn.Conv2d(channels_in, channels_out, kernel, padding=padding, bias=False)
        self.norm = nn.BatchNorm2d(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C_in, H, W) -> (N, C_out, H', W')."""
        normed: Tensor = self.norm(self.conv(x))
        return normed


class DenseLayer(nn.Module):
    """A fully connected layer; batch-normalised while training unless it is a classifier.

    ``shape_in`` is the shape it was built for, (C, H, W) or (C,). Feature maps of another height and width,
    as smaller training images give them, are resized to it.
    """

    def __init__(self, shape_in: tuple[int, ...], features_out: int, *, classifier: bool = False) -> None:
        super().__init__()
        self.shape_in = shape_in
        self.linear = nn.Linear(torch.Size(shape_in).numel(), features_out, bias=classifier)
        self.norm = None if classifier else nn.BatchNorm1d(features_out)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) or (N, C) -> (N, features_out)."""
        if x.shape[2:] != self.shape_in[1:]:
            x = functional.interpolate(x, size=self.shape_in[1:], mode="bilinear", align_corners=False)
        y: Tensor = self.linear(x.flatten(1))
        return y if self.norm is None else self.norm(y)


class LocalResponseNorm(nn.Module):
    """x / (k + alpha/3 · Σ x² over 3 neighbouring channels)^0.75, as AlexNet has it, in cheap operators."""

    def __init__(self, channels: int, alpha: float = 5e-5, k: float = 2.0) -> None:
        super().__init__()
        self.channels, self.alpha, self.k = channels, alpha, k

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> the same shape."""
        squares = functional.pad(x * x, (0, 0, 0, 0, 1, 1))
        energy = squares[:, :-2] + squares[:, 1:-1] + squares[:, 2:]
        root = torch.rsqrt(self.k + self.alpha / 3 * energy)
        return x * (root * root.sqrt())


class BranchyNetwork(nn.Module):
    """A trunk with branches that leave it early, each ending in a classifier: an exit point.

    The last exit is the end of the trunk. Input is uint8 images of shape (N, *input_shape).
    """

    pixel_mean: Tensor
    pixel_std: Tensor

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        pixel_mean: tuple[float, ...],
        pixel_std: tuple[float, ...],
        trunk: Mapping[str, nn.Module],
        branches: tuple[tuple[int, Mapping[str, nn.Module]], ...],
    ) -> None:
        """Make a network from its layers.

        Args:
            input_shape: (C, H, W) of an image.
            pixel_mean: mean of each channel, in units of the uint8 pixels.
            pixel_std: standard deviation of each channel, likewise.
            trunk: name -> layer, in order.
            branches: (trunk layers before the branch, name -> layer), shallow to deep.
        """
        super().__init__()
        self.input_shape = input_shape
        self.register_buffer("pixel_mean", torch.tensor(pixel_mean).view(-1, 1, 1), persistent=False)
        self.register_buffer("pixel_std", torch.tensor(pixel_std).view(-1, 1, 1), persistent=False)
        self.trunk = nn.Sequential(OrderedDict(trunk))
        self.branch_points = tuple(point for point, _ in branches)
        for i, (_, layers) in enumerate(branches, start=1):
            self.add_module(f"exit{i}", nn.Sequential(OrderedDict(layers)))
        self.exit_names = tuple(f"exit{i}" for i in range(1, len(branches) + 2))

    def path(self, exit_name: str) -> tuple[nn.Module, ...]:
        """The layers from the input to an exit's classifier, in order."""
        trunk = tuple(self.trunk.children())
        if exit_name == self.exit_names[-1]:
            return trunk
        shared = trunk[: self.branch_points[self.exit_names.index(exit_name)]]
        return (*shared, *self.get_submodule(exit_name).children())

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Uint8 images (N, C, H, W) -> logits (N, classes) of every exit, shallow to deep."""
        x = (images - self.pixel_mean) / self.pixel_std
        logits = []
        for depth, layer in enumerate(self.trunk, start=1):
            x = layer(x)
            logits += [
                self.get_submodule(name)(x)
                for name, point in zip(self.exit_names, self.branch_points, strict=False)
                if point == depth
            ]
        return (*logits, x)
