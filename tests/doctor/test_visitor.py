"""What the doctor asks."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from edgent.doctor.visitor import Visitor
from edgent.server_url import ServerUrl


@pytest.mark.parametrize(
    ("host", "token", "said"), [("edge..local", None, "label"), ("127.0.0.1", "one\ntwo", "Invalid header")]
)
def test_what_cannot_be_asked_has_a_reason(host: str, token: str | None, said: str) -> None:
    """A host name that none can have, and a key that no header can hold: an answer, not an exception."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        reply = Visitor(ServerUrl.parse(f"http://{host}:{port}", "http"), None).ask("GET", "/", token=token)
    assert reply.status == 0
    assert said in reply.message


def test_the_path_of_a_proxy_goes_first() -> None:
    """As it does for a device, or the doctor would examine another server."""
    asked = []

    class Proxy(BaseHTTPRequestHandler):
        def do_OPTIONS(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/edge/"
        visitor = Visitor(ServerUrl.parse(url, "http"), None)
        assert visitor.ask("OPTIONS", "/models").status == 204
        visitor.close()
        thread.join(10)
    assert asked == ["/edge/models"]
