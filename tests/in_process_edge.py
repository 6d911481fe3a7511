"""An edge without TorchServe: its archives' handlers behind HTTP, in threads of the test's process.

It loads archives and calls their handlers as TorchServe's worker does, one call at a time for each, so every
byte takes the way that it takes on a real edge but for Java's part of it.
"""

from __future__ import annotations

import importlib.util
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import yaml

from edgent.edge.manifest import MANIFEST, read_store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

_TOKEN = "inference-key"


class Context:
    """What TorchServe hands to a handler, and what the handler did with it."""

    def __init__(self, folder: Path) -> None:
        config = (folder / "model-config.yaml").read_text(encoding="utf-8")
        self.system_properties = {"model_dir": str(folder)}
        self.model_yaml_config = yaml.safe_load(config)
        self.manifest = json.loads((folder / "MAR-INF" / "MANIFEST.json").read_text(encoding="utf-8"))
        self.statuses: dict[int, int] = {}

    def set_response_status(self, code: int, phrase: str, index: int) -> None:
        """As TorchServe has it."""
        self.statuses[index] = code

    def set_response_content_type(self, index: int, kind: str) -> None:
        """As TorchServe has it."""


class Answering(Protocol):
    """What stands behind an endpoint."""

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to one request."""


class Worker:
    """One archive, unpacked and initialized; edgent itself is this process's."""

    def __init__(self, archive: Path, folder: Path) -> None:
        self._folder = folder / archive.stem
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(self._folder)
        manifest = json.loads((self._folder / "MAR-INF" / "MANIFEST.json").read_text(encoding="utf-8"))
        name = manifest["model"]["handler"]
        spec = importlib.util.spec_from_file_location(name, self._folder / name)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        (own,) = [item for item in vars(module).values() if getattr(item, "__module__", "") == name]
        self._handler, self._lock = own(), threading.Lock()
        self._handler.initialize(Context(self._folder))

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to one request."""
        context = Context(self._folder)
        with self._lock:
            (answer,) = self._handler.handle([{"body": bytearray(body)}], context)
        return context.statuses.get(0, 200), answer


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # header and body in one segment
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.is_gone:
            self.close_connection = True
            return
        assert self.headers["Authorization"] == f"Bearer {self.server.token}"
        worker = self.server.worker(self.path.removeprefix("/predictions/"))
        status, answer = (404, b"{}") if worker is None else worker.answer(body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Nothing is written."""


class _Server(ThreadingHTTPServer):
    def __init__(self, store: Path, folder: Path, workers: Mapping[str, Answering], token: str) -> None:
        self.token, self.is_gone = token, False
        super().__init__(("127.0.0.1", 0), _Requests)
        models = read_store(store) if (store / MANIFEST).exists() else []
        self._archives = {
            model.name: model.mar.path for model in reversed(models)
        }  # the first is the default
        self._archives |= {model.endpoint: model.mar.path for model in models}
        self._folder = folder
        self._given, self._workers = workers, dict[str, Worker]()

    def worker(self, endpoint: str) -> Answering | None:
        """What answers at NAME or NAME/VERSION: given for the name, else its archive's, loaded when asked."""
        given = self._given.get(endpoint.partition("/")[0])
        if given is not None:
            return given
        archive = self._archives.get(endpoint)
        if endpoint not in self._workers and archive is not None:
            self._workers[endpoint] = Worker(archive, self._folder)
        return self._workers.get(endpoint)


class InProcessEdge:
    """Serves all archives of a store until the context ends."""

    def __init__(
        self,
        store: Path,
        folder: Path,
        workers: Mapping[str, Answering] = MappingProxyType({}),
        token: str = _TOKEN,
    ) -> None:
        """Listen on a free port of loopback.

        Args:
            store: folder of the archives.
            folder: where they are unpacked, and the token file is written.
            workers: what answers in place of archives, by name, in any version.
            token: that every request has to carry.
        """
        folder.mkdir(exist_ok=True)
        self.token_file = folder / "key_file.json"
        self.token_file.write_text(json.dumps({"inference": {"key": token}}), encoding="utf-8")
        self._server = _Server(store, folder, workers, token)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> InProcessEdge:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.is_gone = True  # connections that are kept end with their next request
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
