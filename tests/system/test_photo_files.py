"""Photos' own files through a real TorchServe: the answers are those of their pixels, to the bit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from device_runtime import DeviceRuntime
from device_runtime.deadline import Deadline
from edgent.core.codecs.file import FileCodec
from edgent.core.photo import Photo
from edgent.core.wire import Frame, write_frame
from edgent.doctor.checks.pictures import check_photo_files
from edgent.doctor.observe import observe
from edgent.errors import HeadRefusedError, InputError
from edgent.inputs.picture import preprocessing_of
from edgent.network import Network
from edgent.spec import read_spec
from tests.photo_files import photo_bytes
from tests.torchserve_fixtures import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.torchserve_fixtures import Edge

pytestmark = [pytest.mark.torchserve]
PATIENT_S = 30.0
RANDOM = np.random.default_rng(2)
SPEC = """\
version: 1
name: pictures
model: {file: network.onnx}
input: {shape: [3, 8, 8], preprocessing: {resize: cover}, labels: [a, b, c, d, e, f, g, h, i, j]}
exits: [{name: exit1}, {name: exit2}]
codecs: {input: [raw, file]}
"""


@dataclass(frozen=True)
class Served:
    """A network of pictures, and a TorchServe with it."""

    network: Network
    edge: Edge
    cache: Path

    def device(self, plan: str, url: str) -> DeviceRuntime:
        """A device with a fixed plan."""
        return DeviceRuntime.open(
            self.network.spec.file,
            plan=plan,
            inference_url=url,
            token_file=self.edge.server.token_file,
            cache=self.cache,
        )


@pytest.fixture(scope="module")
def served(chain_network: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """With a worker for the whole path."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "network.onnx").write_bytes(chain_network.read_bytes())
    (folder / "pictures.yaml").write_text(SPEC, encoding="utf-8")
    network = Network.open(read_spec(folder / "pictures.yaml"), folder / "cache")
    with serving([network], folder / "store") as edge, edge.workers([_head(network)]):
        yield Served(network, edge, folder / "cache")


def _head(network: Network) -> str:
    path = network.graph.paths[-1]
    return network.graph.head_name("pictures", path.index, len(path.layers))


def _photos() -> list[bytes]:
    """Files of several kinds and sizes."""
    rough = [Image.fromarray(RANDOM.integers(0, 256, (9, 13, 3), np.uint8)) for _ in range(4)]
    large = [image.resize((130 + 40 * n, 90), Image.Resampling.BICUBIC) for n, image in enumerate(rough)]
    return [
        photo_bytes(large[0], "JPEG", orientation=6),
        photo_bytes(large[1].convert("L"), "JPEG"),
        photo_bytes(large[2].convert("CMYK"), "JPEG"),
        photo_bytes(large[3], "PNG"),
    ]


@pytest.mark.parametrize("interface", ["http", "grpc"])
def test_a_file_is_answered_as_its_pixels_are(served: Served, interface: str) -> None:
    """Over both interfaces, for every kind of file, by way of the head and at a cut inside the path."""
    addresses = served.edge.server.addresses
    url = addresses.inference if interface == "http" else addresses.grpc_inference
    last = len(served.network.graph.paths[-1].layers)
    with (
        served.device(f"exit2:p{last}:file:float32", url) as by_file,
        served.device(f"exit2:p{last}:raw:float32", url) as by_pixels,
    ):
        for photo in _photos():
            sent, expected = (runtime.infer(photo, PATIENT_S) for runtime in (by_file, by_pixels))
            assert sent.plan == sent.wanted
            assert sent.timeline.sent_bytes > len(photo)
            np.testing.assert_array_equal(sent.logits, expected.logits)
        with pytest.raises(InputError, match="came as pixels"):
            by_file.infer(np.zeros((3, 8, 8), np.uint8), PATIENT_S)


def test_a_broken_file_is_refused_and_told(served: Served) -> None:
    """The worker lives on, and so does the address."""
    address = served.edge.address("pictures", _head(served.network))
    client = served.edge.client()
    preprocessing = preprocessing_of(served.network.spec)
    photos = _photos()
    for content in (photos[0][:-300], photos[3][:-100]):
        request = client.write_request(address, Photo(content, preprocessing), "file", "float32", PATIENT_S)
        with pytest.raises(HeadRefusedError, match="no readable image"):
            client.exchange(address, request, Deadline.after(PATIENT_S))
    outline = Photo(photos[0], preprocessing).outline
    for payload in (b"", b"GIF89a", FileCodec().encode(Photo(photos[0], preprocessing))[:40]):
        request = write_frame(Frame(outline, "file", address.identity, "float32"), payload)
        with pytest.raises(HeadRefusedError, match="file"):
            client.exchange(address, request, Deadline.after(PATIENT_S))
    last = len(served.network.graph.paths[-1].layers)
    with served.device(f"exit2:p{last}:file:float32", served.edge.server.addresses.inference) as runtime:
        with pytest.raises(InputError, match="no readable image"):
            runtime.infer(photos[0][:-300], PATIENT_S)
        assert runtime.infer(photos[1], PATIENT_S).edge_error is None
    client.close()


def test_doctor_finds_that_the_edge_reads_files(served: Served, tmp_path: Path) -> None:
    """It sends one."""
    server = served.edge.server
    seen = observe(
        served.network,
        server.addresses.inference,
        token_file=server.token_file,
        management_url=server.addresses.management,
        store=tmp_path,
    )
    (finding,) = check_photo_files(seen)
    assert (finding.state, finding.finding) == ("ok", "the edge reads photos' own files")
