"""Branchy AlexNet for CIFAR-10: BranchyNet's trunk with Edgent's five exits (arXiv 1910.05316, Fig. 4).

The trunk has 22 layers, and the paths to the five exits have 12, 16, 19, 20 and 22::

    conv1 relu pool lrn ─┬─ conv2 relu pool lrn ─┬─ conv3 relu ─┬─ conv4 relu ─┬─ conv5 relu pool ─┐
                       exit1                   exit2          exit3          exit4                 │
                                      exit5 ── fc3 ── dropout relu fc2 ── dropout relu fc1 ────────┘
"""

from torch import nn

from edgent.training.layers import BranchyNetwork, ConvLayer, DenseLayer, LocalResponseNorm
from edgent.training.recipe import Recipe

RECIPE = Recipe(
    exit_weights=(0.6, 0.7, 0.8, 0.9, 1.0),
    epochs=64,
    batch_size=256,
    peak_rate=0.2,
    flip=True,
    shift_pixels=4,
    early_size_pixels=24,
    bfloat16=True,
)


def build() -> BranchyNetwork:
    """The network, with fresh weights; takes uint8 images (N, 3, 32, 32), returns five times (N, 10)."""
    trunk: dict[str, nn.Module] = {
        "conv1": ConvLayer(3, 32, 5),
        "relu1": nn.ReLU(),
        "pool1": _pool(),
        "lrn1": LocalResponseNorm(32),
        "conv2": ConvLayer(32, 64, 5),
        "relu2": nn.ReLU(),
        "pool2": _pool(),
        "lrn2": LocalResponseNorm(64),
        "conv3": ConvLayer(64, 96, 3),
        "relu3": nn.ReLU(),
        "conv4": ConvLayer(96, 96, 3),
        "relu4": nn.ReLU(),
        "conv5": ConvLayer(96, 64, 3),
        "relu5": nn.ReLU(),
        "pool3": _pool(),
        "fc1": DenseLayer((64, 4, 4), 256),
        "relu6": nn.ReLU(),
        "dropout1": nn.Dropout(0.2),
        "fc2": DenseLayer((256,), 128),
        "relu7": nn.ReLU(),
        "dropout2": nn.Dropout(0.2),
        "fc3": DenseLayer((128,), 10, classifier=True),
    }
    exit3: dict[str, nn.Module] = {
        "conv1": ConvLayer(96, 64, 3),
        "relu1": nn.ReLU(),
        "pool1": _pool(),
        "conv2": ConvLayer(64, 64, 3),
        "relu2": nn.ReLU(),
        "fc1": DenseLayer((64, 4, 4), 64),
        "relu3": nn.ReLU(),
        "dropout": nn.Dropout(0.2),
        "fc2": DenseLayer((64,), 10, classifier=True),
    }
    return BranchyNetwork(
        input_shape=(3, 32, 32),
        pixel_mean=(125.3, 123.0, 113.9),
        pixel_std=(63.0, 62.1, 66.7),
        trunk=trunk,
        branches=(
            (4, _two_conv_branch(32, 32, 64, (64, 4, 4))),
            (8, _two_conv_branch(64, 64, 96, (96, 2, 2))),
            (10, exit3),
            (12, _two_conv_branch(96, 48, 64, (64, 2, 2))),
        ),
    )


def _pool() -> nn.MaxPool2d:
    return nn.MaxPool2d(3, stride=2, ceil_mode=True)


def _two_conv_branch(
    channels_in: int, channels_mid: int, channels_out: int, shape_out: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Eight layers: two small convolutions, each pooled, then the classifier."""
    return {
        "conv1": ConvLayer(channels_in, channels_mid, 3),
        "relu1": nn.ReLU(),
        "pool1": _pool(),
        "conv2": ConvLayer(channels_mid, channels_out, 3),
        "relu2": nn.ReLU(),
        "pool2": _pool(),
        "dropout": nn.Dropout(0.1),
        "fc": DenseLayer(shape_out, 10, classifier=True),
    }
