"""What the doctor asks."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from edgent.doctor.visitor import Visitor
from edgent.server_url import ServerUrl


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
