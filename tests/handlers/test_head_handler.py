"""The head's handler in this process: batches, refusals one by one, and archives that are not whole."""

from __future__ import annotations

import importlib.util
import json
import logging
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml

from edgent.core.segment import Segment
from edgent.core.wire import Frame, head_identity, read_frame, write_frame
from edgent.edge.store import build_store, plan_archives
from edgent.errors import ModelError

if TYPE_CHECKING:
    from edgent.network import Network

HEAD = "tiny-p03"
HANDLERS = Path(__file__).parents[2] / "handlers"
RANDOM = np.random.default_rng(8)


class Context:
    """What TorchServe hands to a handler, and what it did with it."""

    def __init__(self, folder: Path) -> None:
        self.system_properties = {"model_dir": str(folder)}
        self.model_yaml_config = yaml.safe_load((folder / "model-config.yaml").read_text())
        self.statuses: dict[int, int] = {}
        self.types: dict[int, str] = {}

    def set_response_status(self, code: int, phrase: str, index: int) -> None:
        """As TorchServe has it."""
        self.statuses[index] = code

    def set_response_content_type(self, index: int, kind: str) -> None:
        """As TorchServe has it."""
        self.types[index] = kind


def _load(name: str) -> Any:
    """The handler's class, loaded as TorchServe does: a flat file with one class."""
    spec = importlib.util.spec_from_file_location(name, HANDLERS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (own,) = [c for c in vars(module).values() if isinstance(c, type) and c.__module__ == name]
    return own


@pytest.fixture
def folder(tiny_network: Network, tmp_path: Path) -> Path:
    """The head's archive, unpacked."""
    build_store(tmp_path / "store", plan_archives([tiny_network]))
    zipfile.ZipFile(tmp_path / "store" / f"{HEAD}.mar").extractall(tmp_path / "unpacked")
    return tmp_path / "unpacked"


@pytest.fixture
def handler(folder: Path) -> Any:
    """A handler that has loaded it."""
    handler = _load("head_handler")()
    handler.initialize(Context(folder))
    return handler


@pytest.fixture
def segment(tiny_network: Network) -> Segment:
    """The same head here."""
    return Segment(tiny_network.segments.head(1, 3).read_bytes())


def _images(count: int) -> np.ndarray:
    return RANDOM.integers(0, 256, (count, 3, 8, 8), np.uint8)


def _request(network: Network, images: np.ndarray, answer_codec: str | None = "float32") -> dict[str, Any]:
    identity = head_identity(network.graph.sha256, HEAD)
    return {"body": bytearray(write_frame(Frame(images, "raw", identity, answer_codec)))}


def test_a_batch_of_requests_of_several_sizes(
    handler: Any, folder: Path, segment: Segment, tiny_network: Network
) -> None:
    """Requests of one, three, one, no and two images together: each gets its own answer."""
    batch = [_images(count) for count in (1, 3, 1, 0, 2, 1)]
    context = Context(folder)
    answers = handler.handle([_request(tiny_network, images) for images in batch], context)
    assert context.statuses == {}
    for images, answer in zip(batch, answers, strict=True):
        tensor = read_frame(answer).tensor
        if len(images):
            np.testing.assert_allclose(tensor, segment.run(images), rtol=0, atol=1e-6)
        else:
            assert tensor.size == 0


def test_bad_requests_harm_no_neighbour(
    handler: Any, folder: Path, segment: Segment, tiny_network: Network
) -> None:
    """Garbage, nothing, a list and an answer codec that cannot be, between two good requests."""
    first, last = _images(1), _images(1)
    requests = [
        _request(tiny_network, first),
        {"body": bytearray(b"garbage")},
        {},
        {"body": [1, 2]},
        {"body": "text"},
        {"data": b""},
        _request(tiny_network, _images(1), "webp"),
        _request(tiny_network, last),
    ]
    context = Context(folder)
    answers = handler.handle(requests, context)
    assert context.statuses == dict.fromkeys(range(1, 7), 400)
    for index in range(1, 7):
        assert context.types[index] == "application/json"
        assert json.loads(answers[index])["code"] == 400
    for images, answer in ((first, answers[0]), (last, answers[7])):
        np.testing.assert_allclose(read_frame(answer).tensor, segment.run(images), rtol=0, atol=1e-6)


def test_nothing_to_do(handler: Any, folder: Path) -> None:
    """An empty batch is answered by an empty batch."""
    assert handler.handle([], Context(folder)) == []


def test_a_form_field_called_data(handler: Any, folder: Path, tiny_network: Network) -> None:
    """``curl -F data=@frame`` works like ``curl --data-binary @frame``."""
    request = {"data": _request(tiny_network, _images(1))["body"]}
    context = Context(folder)
    handler.handle([request], context)
    assert context.statuses == {}


def test_a_damaged_archive_is_not_served(folder: Path) -> None:
    """One bit of the weights changed: the handler does not load."""
    content = bytearray((folder / "head.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "head.onnx").write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        _load("head_handler")().initialize(Context(folder))


@pytest.mark.parametrize("name", ["head_handler", "probe_handler"])
def test_a_worker_writes_no_line_for_a_request(
    name: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """TorchServe's worker logs two at INFO, each of which wakes a thread of the server's; warnings remain."""
    caplog.set_level(logging.INFO)  # as TorchServe's worker sets it
    _load(name)().initialize(Context(folder))
    assert not logging.getLogger().isEnabledFor(logging.INFO)
    assert logging.getLogger().isEnabledFor(logging.WARNING)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"\x05\0\0\0", None),
        (b"\0\0\0\0" + bytes(1000), None),
        (b"", 400),
        (b"\x05\0\0", 400),
        (b"\xff\xff\xff\xff", 400),
        ("text", 400),
        ({"json": 1}, 400),
        (None, 400),
    ],
)
def test_the_probe(folder: Path, body: Any, status: int | None) -> None:
    """As many bytes as asked for, up to a megabyte; anything else is a 400 with a reason."""
    handler = _load("probe_handler")()
    context = Context(folder)
    handler.initialize(context)
    (answer,) = handler.handle([{"body": body}], context)
    if status is None:
        assert answer == bytes(int.from_bytes(body[:4], "little"))
        assert context.statuses == {}
    else:
        assert context.statuses == {0: status}
        assert "begin with" in json.loads(answer)["message"]


def test_what_cannot_be_in_time_is_not_computed(handler: Any, folder: Path, tiny_network: Network) -> None:
    """A microsecond left is refused with 504; no budget, a long one and a question for readiness are not."""
    identity = head_identity(tiny_network.graph.sha256, HEAD)
    handler.least_compute_s = 1e-3
    frames = [
        Frame(_images(count), "raw", identity, "float32", seconds)
        for count, seconds in ((1, 1e-6), (1, 0.0), (1, 10.0), (0, 1e-6))
    ]
    context = Context(folder)
    answers = handler.handle([{"body": bytearray(write_frame(frame))} for frame in frames], context)
    assert context.statuses == {0: 504}
    assert "0.001 ms are left" in json.loads(answers[0])["message"]
    assert [read_frame(answer).tensor.shape[0] for answer in answers[1:]] == [1, 1, 0]


def test_an_answer_has_its_requests_number(handler: Any, folder: Path, tiny_network: Network) -> None:
    """So that no answer is taken for another's, whatever happens on the way."""
    identity = head_identity(tiny_network.graph.sha256, HEAD)
    frames = [Frame(_images(1), "raw", identity, "float32", number=number) for number in (0, 7, 255)]
    answers = handler.handle([{"body": bytearray(write_frame(frame))} for frame in frames], Context(folder))
    assert [read_frame(answer).number for answer in answers] == [0, 7, 255]
