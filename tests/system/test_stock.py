"""The stock classifier of the workload study, beside edgent's archives in a real TorchServe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest

from benchmarks.studies.workload.stock import build_stock
from benchmarks.testbed.device.stock import STOCK, StockClient
from benchmarks.testbed.edge.server import build_archives
from edgent.core.segment import Segment
from edgent.edge.manifest import read_store
from edgent.edge.torchserve import TorchServe
from edgent.exits.attach import with_outputs
from edgent.inputs import to_tensor
from edgent.inputs.photo_folder import photos_in
from edgent.network import Network
from edgent.spec import read_spec
from tests.flower_photos import SPEC, needs_photos
from tests.torchserve_fixtures import ended_at_once

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.torchserve, needs_photos]

PHOTOS = 40


def test_it_answers_photos_as_the_unsplit_network_does(tmp_path: Path) -> None:
    """Their files go as they are, and the class is that of the deepest exit on their pixels."""
    spec = read_spec(SPEC)
    network, store = Network.open(spec, tmp_path / "cache"), tmp_path / "store"
    model = with_outputs(onnx.load(network.graph.path), spec.exit_outputs[-1:])
    unsplit = Segment(model.SerializeToString())
    photos = photos_in(spec.resolve(spec.data.held_out or "")).photos
    chosen = [photos[k].file for k in np.random.default_rng(0).permutation(len(photos))[:PHOTOS]]
    build_archives(store, network, (), [lambda folder: build_stock(folder, spec)])
    models = [replace(model, workers=int(model.name == STOCK)) for model in read_store(store)]
    with TorchServe(store, models) as server, ended_at_once(server):
        client = StockClient(server.addresses.inference, server.token_file)
        replies = [client.ask(photo.read_bytes()) for photo in chosen]
        client.close()
    expected = [spec.input.labels[unsplit.run(to_tensor(photo, spec)).argmax()] for photo in chosen]
    assert [reply.label for reply in replies] == expected
    sizes = [photo.stat().st_size for photo in chosen]
    added = {reply.sent_bytes - size for reply, size in zip(replies, sizes, strict=True)}
    assert max(added) - min(added) <= 1  # the headers, of which one holds the length
    assert min(added) > 100
    assert len(set(expected)) == len(spec.input.labels)
