"""BranchyNet's LeNet (arXiv 1709.01686): LeNet-5 with one branch, for 28x28 grey images of digits."""

from torch import nn

from edgent.training.layers import BranchyNetwork, ConvLayer, DenseLayer
from edgent.training.recipe import Recipe

RECIPE = Recipe(exit_weights=(1.0, 0.3), epochs=15, batch_size=64, peak_rate=0.1, shift_pixels=2)


def build() -> BranchyNetwork:
    """The network, with fresh weights; takes uint8 images (N, 1, 28, 28), returns two times (N, 10)."""
    trunk: dict[str, nn.Module] = {
        "conv1": ConvLayer(1, 5, 5, padding=3),
        "relu1": nn.ReLU(),
        "pool1": _pool(),
        "conv2": ConvLayer(5, 10, 5, padding=3),
        "relu2": nn.ReLU(),
        "pool2": _pool(),
        "conv3": ConvLayer(10, 20, 5, padding=3),
        "relu3": nn.ReLU(),
        "pool3": _pool(),
        "fc1": DenseLayer((20, 6, 6), 84),
        "relu4": nn.ReLU(),
        "fc2": DenseLayer((84,), 10, classifier=True),
    }
    exit1: dict[str, nn.Module] = {
        "conv1": ConvLayer(5, 10, 3),
        "relu1": nn.ReLU(),
        "pool1": _pool(),
        "fc": DenseLayer((10, 8, 8), 10, classifier=True),
    }
    return BranchyNetwork(
        input_shape=(1, 28, 28), pixel_mean=(78.0,), pixel_std=(90.0,), trunk=trunk, branches=((3, exit1),)
    )


def _pool() -> nn.MaxPool2d:
    return nn.MaxPool2d(2, stride=2, ceil_mode=True)
