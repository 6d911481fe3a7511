"""Variables of layers, counted by hand on the chain of tests/networks.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.latency.features import (
    LayerFeatures,
    paper_variables,
    segment_features,
    work_type,
    work_variables,
)

if TYPE_CHECKING:
    from edgent.network import Network


def test_conv_of_table_one() -> None:
    """x1: 32 input feature maps; x2: (5 / 2)² · 64 filters."""
    layer = LayerFeatures("conv", 32 * 256, 64 * 64, 32, 64, kernel_over_stride=25 / 4)
    assert paper_variables(layer) == {"constant": 1.0, "input_maps": 32, "filter_work": 25 / 4 * 64}


def test_other_types_of_table_one() -> None:
    """Relu, lrn and dropout: input size; pooling and fc, and what the table lacks: input and output size."""
    for kind in ("relu", "lrn", "dropout"):
        assert paper_variables(LayerFeatures(kind, 100, 100)) == {"constant": 1.0, "input_size": 100}
    for kind in ("maxpool", "avgpool", "fc", "residual"):
        expected = {"constant": 1.0, "input_size": 100, "output_size": 25}
        assert paper_variables(LayerFeatures(kind, 100, 25)) == expected


def test_layers_of_a_path(network: Network) -> None:
    """The first conv: 3x8x8 pixels in, 4 maps of 8x8 out by 3x3 kernels, after the pixels were normalised."""
    pixels, conv, relu, pool, *_, fc = segment_features(network.graph.paths[1], 0, 8)
    assert (pixels.kind, pixels.input_size) == ("input", 192)
    assert (conv.kind, conv.input_size, conv.output_size) == ("conv", 192, 256)
    assert (conv.input_maps, conv.filters, conv.kernel_over_stride) == (3, 4, 9.0)
    assert (conv.macs, conv.parameters) == (3 * 4 * 9 * 64, 3 * 4 * 9 + 4)
    assert (relu.kind, relu.input_size) == ("relu", 256)
    assert (pool.input_size, pool.output_size, pool.kernel_over_stride) == (256, 64, 1.0)
    assert (fc.input_size, fc.output_size) == (32, 10)


def test_activation_is_fused_only_behind_its_product(network: Network) -> None:
    """The runtime computes conv and relu in one go, but a segment that begins with the relu does not."""
    path = network.graph.paths[1]
    assert [work_type(layer) for layer in segment_features(path, 0, 3)] == [
        "input",
        "conv",
        "fused_relu",
        "maxpool",
    ]
    assert [work_type(layer) for layer in segment_features(path, 1, 3)] == ["relu", "maxpool"]


def test_work_counts_filters_in_whole_vectors() -> None:
    """20 filters cost what 32 do; those of a fully connected layer are counted as they are."""
    conv = LayerFeatures("conv", 100, 200, 5, 20, 9.0, macs=1000, parameters=7)
    assert work_variables(conv) == {
        "constant": 1.0,
        "macs": 1600.0,
        "input_size": 100,
        "output_size": 200,
        "parameters": 7,
    }
    assert work_variables(LayerFeatures("fc", 10, 20, macs=200))["macs"] == 200
