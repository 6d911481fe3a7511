"""The handlers in this process: what they take from TorchServe, and what they give it."""

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

from edgent.core.probe import write_probe
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
        self.manifest = {"model": {"modelName": HEAD, "modelVersion": "1.0"}}
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
    models = {model.name: model for model in build_store(tmp_path / "store", plan_archives([tiny_network]))}
    zipfile.ZipFile(models[HEAD].mar.path).extractall(tmp_path / "unpacked")
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
    return Segment(tiny_network.segments.head(1, 3))


def _images(count: int) -> np.ndarray:
    return RANDOM.integers(0, 256, (count, 3, 8, 8), np.uint8)


def _request(network: Network, images: np.ndarray, answer_codec: str | None = "float32") -> dict[str, Any]:
    identity = head_identity(network.graph.sha256, HEAD)
    return {"body": bytearray(write_frame(Frame(images, "raw", identity, answer_codec)))}


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


def test_the_probe(folder: Path) -> None:
    """An answer as it was asked for; a refusal has its status and, as ever, no content type."""
    handler = _load("probe_handler")()
    context = Context(folder)
    handler.initialize(context)
    answers = handler.handle([{"body": write_probe(7, 5)}, {"body": None}, {}], context)
    assert answers[0] == bytes(5)
    assert context.statuses == {1: 400, 2: 400}
    assert context.types == {}
    assert "begin with" in json.loads(answers[1])["message"]
