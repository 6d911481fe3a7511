"""Who may see the live page: whoever brings its token once, and then the cookie that they got for it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from bokeh.server.auth_provider import AuthProvider
from tornado.web import RequestHandler

if TYPE_CHECKING:
    from collections.abc import Callable

COOKIE = "edgent_live"
_REFUSED = "This page needs its token: open the address that edgent-device printed when it started.\n"


class Refusal(RequestHandler):
    """Says what is missing, to everybody."""

    def get(self) -> None:
        """Answer with a refusal that says how to come in."""
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.write(_REFUSED)


class TokenGate(AuthProvider):
    """Lets those in who have the token."""

    def __init__(self, token: str) -> None:
        """Take the token.

        Args:
            token: that opens the page.
        """
        self._token = token.encode()
        super().__init__()

    @property
    def get_user(self) -> Callable[[Any], Any]:
        """Tells who asks: somebody with the token, or nobody."""
        return self._viewer

    @property
    def login_url(self) -> str:
        """Where everybody else is sent."""
        return "/refused"

    @property
    def login_handler(self) -> type[RequestHandler]:
        """What answers there."""
        return Refusal

    def _viewer(self, request: RequestHandler) -> str | None:
        given = request.get_query_argument("token", None)
        if given is not None and self._is_token(given):
            request.set_cookie(COOKIE, given, httponly=True, samesite="Strict")
            return "viewer"
        return "viewer" if self._is_token(request.get_cookie(COOKIE) or "") else None

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self._token)
