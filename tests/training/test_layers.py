"""The branchy networks' layers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from edgent.training import alexnet, lenet
from edgent.training.layers import ConvLayer, DenseLayer, LocalResponseNorm


def test_alexnet_has_the_papers_layers() -> None:
    """The paths to Edgent's five exits have 12, 16, 19, 20 and 22 layers."""
    network = alexnet.build()
    assert [len(network.path(name)) for name in network.exit_names] == [12, 16, 19, 20, 22]


def test_lenet_has_the_trunk_and_one_branch() -> None:
    """BranchyNet's LeNet has two exits: seven layers to the first, twelve to the last."""
    network = lenet.build()
    assert network.exit_names == ("exit1", "exit2")
    assert [len(network.path(name)) for name in network.exit_names] == [7, 12]


@pytest.mark.parametrize("module", [alexnet, lenet])
def test_path_computes_what_forward_returns(module: object) -> None:
    """Running an exit's path layer by layer on normalised pixels gives that exit's logits."""
    network = module.build().eval()  # type: ignore[attr-defined]  # a module
    images = torch.randint(0, 256, (2, *network.input_shape), dtype=torch.uint8)
    logits = network(images)
    for name, expected in zip(network.exit_names, logits, strict=True):
        x = (images - network.pixel_mean) / network.pixel_std
        for layer in network.path(name):
            x = layer(x)
        assert expected.shape == (2, 10)
        torch.testing.assert_close(x, expected)


@given(st.integers(1, 9), st.floats(0.1, 500), st.integers(0, 1000))
def test_local_response_norm_is_torchs(channels: int, spread: float, seed: int) -> None:
    """The cheap operators compute AlexNet's normalisation over three channels."""
    x = torch.randn((2, channels, 3, 4), generator=torch.Generator().manual_seed(seed)) * spread
    expected = nn.functional.local_response_norm(x, 3, alpha=5e-5, beta=0.75, k=2.0)
    torch.testing.assert_close(LocalResponseNorm(channels)(x), expected)


def test_dense_layer_resizes_feature_maps_of_smaller_images() -> None:
    """A fully connected layer built for 4x4 maps takes 3x3 maps, and keeps a constant map constant."""
    layer = DenseLayer((2, 4, 4), 5, classifier=True)
    torch.testing.assert_close(layer(torch.ones(1, 2, 3, 3)), layer(torch.ones(1, 2, 4, 4)))


def test_conv_layer_keeps_the_size_unless_padded() -> None:
    """The default padding keeps height and width; another one changes them."""
    x = torch.zeros(2, 3, 8, 8)
    assert ConvLayer(3, 4, 5)(x).shape == (2, 4, 8, 8)
    assert ConvLayer(3, 4, 5, padding=3)(x).shape == (2, 4, 10, 10)
