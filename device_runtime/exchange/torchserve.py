"""A TorchServe as the device asks it: bytes for one of its models, and bytes or a typed error back.

What is TorchServe's own stands here and in :mod:`device_runtime.exchange.torchserve_answers`: its two
interfaces, its tokens, its refusals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_runtime.edges.retry_budget import RetryBudget
from device_runtime.exchange.grpc_exchange import GrpcConnection
from device_runtime.exchange.http_exchange import HttpConnection
from device_runtime.exchange.tokens import read_token
from device_runtime.exchange.torchserve_answers import refusal, refuses_token
from edgent.errors import EdgeUnreachableError, TokenError

if TYPE_CHECKING:
    from pathlib import Path

    from device_runtime.deadline import Deadline
    from device_runtime.exchange.carrier import Carrier, RawAnswer

_FULL = 503
"""A queue is full, or nobody works it off: where one name stands for many servers, another may have room."""


class TorchServeClient:
    """Asks the models of one TorchServe over one kept connection; one exchange at a time."""

    def __init__(
        self,
        url: str,
        *,
        token_file: Path | None = None,
        ca_file: Path | None = None,
        retries: RetryBudget | None = None,
    ) -> None:
        """Remember the server; nothing is sent yet.

        Args:
            url: of its inference interface: HTTP's, or gRPC's (``grpc://HOST:PORT``).
            token_file: holds the token.
            ca_file: certificate authority for https and grpcs, PEM.
            retries: shared with other servers; one of its own when None.

        Raises:
            EdgeUnreachableError: the URL or the certificate authority cannot be used.
        """
        connect = GrpcConnection if url.lower().startswith("grpc") else HttpConnection
        self._connection: Carrier = connect(url, ca_file)
        self._token_file = token_file
        self._token: str | None = None
        self._retries = RetryBudget() if retries is None else retries

    @property
    def certificate_expires_s(self) -> float | None:
        """When its certificate ends, in seconds since 1970; None where it showed none."""
        return self._connection.certificate_expires_s

    def predict(
        self, model: str, body: bytes, deadline: Deadline, version: str = "", trace: str = ""
    ) -> RawAnswer:
        """Give a body to a version of a model and wait for its whole answer, whose status is 200.

        A request goes out once more on a new connection if a kept one had died, and once more with a new
        token, as far as the retry budget goes.

        Raises:
            EdgeError: the subclass names the kind of failure, the message what to do.
        """
        for may_read_token_again in (True, False):
            if self._token is None:
                self._token = self._read_token(deadline)
            answer = self._ask(model, version, body, deadline, trace)
            if not refuses_token(answer):
                self._retries.earn()
                if answer.status == _FULL:
                    self._connection.turn()
                if answer.status != 200:
                    raise refusal(model, answer, version)
                return answer
            self._token = None
            if may_read_token_again and not self._retries.spend():
                break
        raise TokenError(
            "the edge rejects the token, or needs a token: name TorchServe's key_file.json in "
            "edge.token_file, or set EDGENT_TOKEN; tokens expire after token_expiration_min"
        )

    def reopen(self, deadline: Deadline) -> None:
        """Open a connection now where none is kept: TorchServe closes it with every refusal.

        Raises:
            EdgeError: that failed; the next request tries again.
        """
        self._connection.reopen(deadline)

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()

    def abandon(self) -> None:
        """From another thread: end the exchange that is under way, and let none follow."""
        self._connection.abandon()

    def _read_token(self, deadline: Deadline) -> str:
        """The token; empty where none is named.

        Raises:
            EdgeError: it cannot be read. Where the server is not there either, that is said in its place: a
                TorchServe that was never started has written no token.
        """
        try:
            return read_token(self._token_file) or ""
        except TokenError:
            self._connection.reopen(deadline)
            raise

    def _ask(self, model: str, version: str, body: bytes, deadline: Deadline, trace: str) -> RawAnswer:
        kept = self._connection.is_open
        try:
            return self._connection.predict(model, self._token, body, deadline, version, trace)
        except EdgeUnreachableError:
            if not kept or not self._retries.spend():
                raise
        return self._connection.predict(model, self._token, body, deadline, version, trace)
