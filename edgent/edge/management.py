"""TorchServe's management API: which heads are there, which are ready, and how many workers they have."""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from edgent.errors import TorchServeError
from edgent.server_words import shown
from edgent.tls_failure import TlsFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_TIMEOUT_S = 10.0
_SCALE_TIMEOUT_S = 120.0
_POLL_S = 0.1
_REDIRECTS = 300
"""From this status on: a token goes nowhere but where it was told to."""
_NO_TOKEN = {
    400: "name its key_file.json, from the folder where TorchServe was started, and its management address",
    404: "the server asks for no tokens (disable_token_authorization), or this is not its management address",
}
"""What TorchServe means by refusing to make a token, by the status of its answer."""


class Management:
    """A client of one server's management API, on loopback.

    A model is NAME, which is its default version, or NAME/VERSION.
    """

    def __init__(self, url: str, token: str | None, ca_file: Path | None = None) -> None:
        """Ask nothing yet.

        Args:
            url: where the API is.
            token: of an operator; None where the server wants none.
            ca_file: certificate authority for https, in PEM; the system's when None.
        """
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy between us and loopback
        if ca_file is not None:
            self._session.verify = str(ca_file)
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def models(self) -> list[str]:
        """Names of the registered models."""
        answer = self._ask("GET", "/models?limit=10000", _TIMEOUT_S)
        return [model["modelName"] for model in answer["models"]]

    def ready_workers(self, model: str) -> int:
        """How many workers of a model can answer."""
        answer: Any = self._ask("GET", f"/models/{model}", _TIMEOUT_S)
        return sum(worker["status"] == "READY" for worker in answer[0]["workers"])

    def worker_pids(self, model: str) -> list[int]:
        """Process ids of a model's workers."""
        answer: Any = self._ask("GET", f"/models/{model}", _TIMEOUT_S)
        return [worker["pid"] for worker in answer[0]["workers"]]

    def scale(self, model: str, workers: int) -> None:
        """Set the number of workers and wait until they can answer.

        Raises:
            TorchServeError: the server refuses, or the workers do not come up.
        """
        query = f"min_worker={workers}&max_worker={workers}&synchronous=true"
        self._ask("PUT", f"/models/{model}?{query}", _SCALE_TIMEOUT_S)

    def renew_token(self, kind: str) -> None:
        """Have a new token made, for which this client's token has to be the API key.

        Args:
            kind: ``inference`` or ``management``.

        Raises:
            TorchServeError: the server refuses.
        """
        self._ask("GET", f"/token?type={kind}", _TIMEOUT_S, _NO_TOKEN)

    def wait_ready(
        self, models: Iterable[str], timeout_s: float, is_hopeless: Callable[[], bool] = lambda: False
    ) -> None:
        """Wait until each model has a worker that can answer.

        Args:
            models: which ones.
            timeout_s: for all of them together.
            is_hopeless: asked again and again whether waiting is of no use any more.

        Raises:
            TorchServeError: a model has no ready worker in time, or will have none.
        """
        began = time.monotonic()
        for model in models:
            while not self.ready_workers(model):
                waited_s = time.monotonic() - began
                if waited_s > timeout_s or is_hopeless():
                    raise TorchServeError(f"{model} has no ready worker after {waited_s:.0f} s")
                time.sleep(_POLL_S)

    def _ask(
        self, method: str, path: str, timeout_s: float, remedies: Mapping[int, str] | None = None
    ) -> Any:
        """What the server answers; a refusal is an error, with what to do where its status is known."""
        try:
            response = self._session.request(
                method, self._url + path, timeout=timeout_s, allow_redirects=False
            )
            answer = (
                response.json() if response.status_code < _REDIRECTS and response.content.strip() else None
            )
        except OSError as error:  # requests' own, or there is no such authority
            raise TorchServeError(f"no management API at {self._url}: {self._why(error)}") from None
        if response.status_code >= _REDIRECTS:
            said = f"{method} {self._url}{path}: {response.status_code} {shown(response.text)}"
            remedy = (remedies or {}).get(response.status_code)
            raise TorchServeError(f"{said}; {remedy}" if remedy else said)
        return answer

    def _why(self, error: OSError) -> str:
        """Why it was not reached; requests wraps what happened into errors of its own, and these again."""
        inside: list[object] = [error]
        said = "no answer in time" if isinstance(error, requests.Timeout) else str(error)
        for one in inside:
            if isinstance(one, ssl.SSLError):
                return str(TlsFailure.of(one, urlsplit(self._url).hostname or ""))
            if isinstance(one, OSError) and one.strerror:
                said = one.strerror
            if isinstance(one, Exception):
                parts = (*one.args, getattr(one, "reason", None), one.__cause__)
                inside += [part for part in parts if part is not one]
        return f"{said}; is TorchServe running?"
