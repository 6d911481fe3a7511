"""From an ONNX file and a folder of photos to answers: ``python examples/own_network.py [FOLDER]``.

A small network learns scikit-learn's digits in torch and becomes an ONNX file, as yours may have. From there
on only the file and the photos count: `edgent new` makes a pipeline of them, and a device answers with it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import edgent

SIDE = 16
"""Sides of the photos and of the network's input, in pixels."""


def draw_photos(folder: Path) -> None:
    """Write a PNG file for each digit into a folder for each class; every fourth is held out."""
    digits = load_digits()
    for number, (image, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        part = folder / ("train" if number % 4 else "held_out") / str(label)
        part.mkdir(parents=True, exist_ok=True)
        photo = Image.fromarray((image * (255 / 16)).astype(np.uint8))
        photo.resize((SIDE, SIDE)).save(part / f"{number:04d}.png")


def train_network(photos: Path) -> nn.Module:
    """A convolutional network with one output; it wants pixels from 0 to 1."""
    torch.manual_seed(0)
    files = sorted(photos.glob("train/*/*.png"))
    pixels = np.stack([np.asarray(Image.open(file)) for file in files])
    images = torch.tensor(pixels, dtype=torch.float32)[:, None] / 255
    labels = torch.tensor([int(file.parent.name) for file in files])
    network = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1)),
        *(nn.Flatten(), nn.Linear(64, 10)),
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=0.005)
    for _epoch in range(20):
        for some, wanted in DataLoader(TensorDataset(images, labels), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(some), wanted).backward()  # type: ignore[no-untyped-call]  # torch's
            optimizer.step()
    return network.eval()


def main(folder: Path) -> None:
    """Make the network, the photos and the pipeline in a folder, and answer the held-out photos."""
    draw_photos(folder / "photos")
    torch.onnx.export(
        train_network(folder / "photos"),
        (torch.zeros(1, 1, SIDE, SIDE),),
        str(folder / "digits.onnx"),
        input_names=["image"],
        output_names=["scores"],
        dynamic_axes={"image": {0: "batch"}, "scores": {0: "batch"}},
        dynamo=False,
    )
    options = ("--photos", "photos", "--pixels", "unit", "--exits", "3", "--budget-s", "2")
    subprocess.run(
        ["edgent", "new", "digits", "--model", "digits.onnx", *options, "--out", "."], cwd=folder, check=True
    )
    spec = folder / "digits.yaml"
    for exit_ in edgent.read_spec(spec).exits:
        print(f"{exit_.name}: accuracy {exit_.accuracy:.3f}")
    photos = sorted(folder.glob("photos/held_out/*/*.png"))
    with edgent.open(spec) as device:
        right = sum(device.infer(photo).label == photo.parent.name for photo in photos)
    print(f"{right} of {len(photos)} photos are right, answered by the device alone")
    print(f"For the edge's half: edgent archive {spec}, then")
    print(f"edgent serve edgent-device --pipeline {spec} --input test")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="own-network-")))
