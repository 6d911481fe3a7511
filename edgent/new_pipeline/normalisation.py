"""How networks want their pixels: the normalisations in use. An ONNX file does not say which is its own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Normalisation:
    """What becomes of a pixel of 0 to 255: ``(pixel - mean) / scale``.

    Attributes:
        name: as users write it.
        mean, scale: for red, green and blue.
        colour_order: of the network's channels.
        used_by: whose networks want this.
    """

    name: str
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    colour_order: str
    used_by: str

    def for_channels(self, channels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and scale for so many channels; grey and transparency take the mean of the colours'."""
        if channels == 3:
            return self.mean, self.scale
        return (sum(self.mean) / 3,) * channels, (sum(self.scale) / 3,) * channels


IMAGENET = Normalisation(
    "imagenet", (123.675, 116.28, 103.53), (58.395, 57.12, 57.375), "RGB", "torchvision, timm"
)
SYMMETRIC = Normalisation("symmetric", (127.5,) * 3, (127.5,) * 3, "RGB", "TensorFlow, EfficientNet-Lite")
UNIT = Normalisation("unit", (0.0,) * 3, (255.0,) * 3, "RGB", "YOLO, many own networks")
PIXELS = Normalisation("pixels", (0.0,) * 3, (1.0,) * 3, "RGB", "networks that normalise by themselves")
CAFFE = Normalisation("caffe", (123.68, 116.779, 103.939), (1.0,) * 3, "BGR", "Caffe, Keras' VGG and ResNet")

NORMALISATIONS = {known.name: known for known in (IMAGENET, SYMMETRIC, UNIT, PIXELS, CAFFE)}
"""By name; the first is taken where nothing tells."""
