"""A pipeline with data to compress for; without torch nothing that trains is collected."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from edgent.network import Network
from edgent.spec import read_spec
from tests.networks import chain
from tests.photos import COLOURS, labelled

if TYPE_CHECKING:
    from pathlib import Path

_TRAINS = (
    "checkpoint",
    "codec_export",
    "codec_network",
    "codec_training",
    "entropy",
    "frozen_tail",
    "making",
    "measuring",
    "objective",
    "torch_graph",
)
collect_ignore = [] if find_spec("torch") else [f"test_{name}.py" for name in _TRAINS]


def write_spec(folder: Path) -> Path:
    """The spec of the chain network, whose classes are some colours, with photos of these."""
    chain(folder / "network.onnx")
    labelled(folder / "train", 10)
    labelled(folder / "held_out", 4, seed=1)
    labels = ", ".join([*COLOURS, *(f"other{number}" for number in range(7))])
    (folder / "tiny.yaml").write_text(
        "version: 1\nname: tiny\nmodel: {file: network.onnx}\n"
        f"input: {{shape: [3, 8, 8], labels: [{labels}], preprocessing: {{resize: cover}}}}\n"
        "data: {train: train, held_out: held_out}\n"
        "exits:\n  - {name: exit1}\n  - {name: exit2}\n"
    )
    return folder / "tiny.yaml"


@pytest.fixture(scope="session")
def tiny_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The chain network with photos: exit 1 leaves after 3 layers, exit 2 has 8; 4x4x4 at p3."""
    folder = tmp_path_factory.mktemp("tiny")
    return Network.open(read_spec(write_spec(folder)), folder / "cache")
