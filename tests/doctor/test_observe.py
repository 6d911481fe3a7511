"""What is asked of a server that does not answer, and of a port that speaks TLS."""

from __future__ import annotations

import datetime as dt
import socketserver
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from edgent.doctor.observe import observe
from edgent.doctor.sockets import speaks_tls
from edgent.edge.certificates import write_certificates
from edgent.network import Network
from edgent.spec import read_spec

LENET = Path(__file__).parents[2] / "pipelines" / "lenet.yaml"
HTTPS_ONLY = b'{"status": "This TorchServe instance only accepts HTTPS requests"}'


@pytest.mark.parametrize("answer", [b"", HTTPS_ONLY], ids=["it hangs up", "https only"])
def test_a_server_that_does_not_answer_is_not_asked_on(answer: bytes, tmp_path: Path) -> None:
    """Each question would be waited for, and what came of it would be taken for a fault of the heads."""
    asked = []

    class Unwilling(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.command)
            self.rfile.read(int(self.headers["Content-Length"]))
            if answer:
                self.send_response(403)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        do_OPTIONS = do_POST  # noqa: N815 - its name is http.server's

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    network = Network.open(read_spec(LENET), tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), Unwilling) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        seen = observe(
            network, url, token_file=None, management_url="http://127.0.0.1:1", store=Path("nowhere")
        )
        server.shutdown()
        thread.join()
    assert seen.anonymous is not None
    assert seen.probes == ()
    assert seen.heads == {}
    assert asked == ["POST", "OPTIONS"]


def test_a_port_that_speaks_tls(tmp_path: Path) -> None:
    """Whoever signed its certificate; one that speaks something else, or to nobody, does not."""
    files = write_certificates(tmp_path / "tls", ["localhost"], 3, dt.datetime.now(dt.timezone.utc))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.private_key)

    class Ends(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()

    class EndsSecurely(Ends):
        def setup(self) -> None:
            self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

    for handler, speaks in ((Ends, False), (EndsSecurely, True)):
        with socketserver.TCPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.handle_request)
            thread.start()
            port = server.server_address[1]
            assert speaks_tls("127.0.0.1", port) is speaks
            thread.join()
    assert not speaks_tls("127.0.0.1", port)
