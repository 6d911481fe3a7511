"""Who may see the live page; everybody else is refused before a connection is opened."""

from __future__ import annotations

import hashlib
import secrets
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from bokeh.server.auth_provider import AuthProvider
from tornado.web import Finish

from edgent.page.address import TOKEN_VARIABLE, is_loopback

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tornado.web import RequestHandler

COOKIE = "edgent_live"


class Gate(AuthProvider, ABC):
    """Lets some in and tells the others why not, whatever they ask for."""

    refusal: ClassVar[str]
    """What those who may not see the page are told."""

    @abstractmethod
    def lets_in(self, request: RequestHandler) -> bool:
        """Whether who asks may see the page."""

    @property
    def get_user_async(self) -> Callable[[Any], Awaitable[Any]]:
        """Tells who asks, before anything is answered."""
        return self._viewer

    @property
    def login_url(self) -> str:
        """Bokeh wants one; nobody is sent there."""
        return "/refused"

    async def _viewer(self, request: RequestHandler) -> str:
        if self.lets_in(request):
            return "viewer"
        request.set_status(403)
        request.set_header("Content-Type", "text/plain; charset=utf-8")
        raise Finish(self.refusal)


class LoopbackGate(Gate):
    """Lets in who asks for this machine by one of its own names.

    Any site may have its own name point to loopback, and its scripts in a browser of this machine then count
    as the page's own ("DNS rebinding"). They cannot choose the name that the browser asks for.
    """

    refusal = (
        "This page is for browsers on its own machine, at http://127.0.0.1 or http://localhost. To open it "
        f"by another name, set {TOKEN_VARIABLE} for edgent-device and bring that token.\n"
    )

    def lets_in(self, request: RequestHandler) -> bool:
        """Whether the browser was told to open an address of loopback, and no page from elsewhere asks."""
        origin = request.request.headers.get("Origin")
        asks_here = origin is None or is_loopback(urlsplit(origin).hostname or "")
        return asks_here and is_loopback(request.request.host_name)


class TokenGate(Gate):
    """Lets in who brings the page's token once, and then the cookie that they got for it."""

    refusal = "This page needs its token: open the address that edgent-device printed when it started.\n"

    def __init__(self, token: str) -> None:
        """Take the token.

        Args:
            token: that opens the page, of any characters.
        """
        self._token = token.encode()
        self._cookie = hashlib.sha256(self._token).hexdigest()
        super().__init__()

    def lets_in(self, request: RequestHandler) -> bool:
        """Whether the address has the token, or the browser the cookie."""
        given = request.get_query_argument("token", None)
        if given is not None and secrets.compare_digest(given.encode(), self._token):
            request.set_cookie(COOKIE, self._cookie, httponly=True, samesite="Strict")
            return True
        return secrets.compare_digest((request.get_cookie(COOKIE) or "").encode(), self._cookie.encode())
