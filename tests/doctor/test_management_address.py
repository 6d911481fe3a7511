"""Which management interface the doctor asks, where nobody names one, and whose certificate it takes."""

from __future__ import annotations

import datetime as dt
import shutil
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from edgent.doctor.observe import observe
from edgent.edge.certificates import write_certificates
from edgent.network import Network
from edgent.spec import read_spec

PIPELINES = Path(__file__).parents[2] / "pipelines"
HERE = "http://127.0.0.1:1"  # where nobody answers
EDGES = [
    {"name": "hall", "inference_url": HERE, "management_url": "http://127.0.0.1:2"},
    {"name": "cellar", "inference_url": HERE, "management_url": "http://127.0.0.1:3"},
    {"name": "attic", "inference_url": HERE},
]


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """LeNet with three edges on this machine, of which two say where they are managed."""
    shutil.copytree(PIPELINES / "lenet", tmp_path / "lenet")
    declared = yaml.safe_load((PIPELINES / "lenet.yaml").read_text(encoding="utf-8"))
    del declared["edge"]
    spec = tmp_path / "lenet.yaml"
    spec.write_text(yaml.safe_dump(declared | {"edges": EDGES}), encoding="utf-8")
    return Network.open(read_spec(spec), tmp_path / "cache")


def _asked(network: Network, url: str = HERE, given: str | None = None) -> str | None:
    seen = observe(network, url, token_file=None, management_url=given, store=Path("nowhere"))
    return None if seen.management is None else seen.management.url


def test_each_edge_of_a_spec_has_its_own(network: Network) -> None:
    """The usual one is for an edge that says nothing."""
    asked = [_asked(of_edge) for of_edge in network.by_edge()]
    assert asked == ["http://127.0.0.1:2", "http://127.0.0.1:3", "http://127.0.0.1:8081"]


def test_what_is_named_goes_before(network: Network) -> None:
    """By an option or a variable."""
    assert _asked(network.by_edge()[0], given="http://127.0.0.1:4") == "http://127.0.0.1:4"


class _Manages(BaseHTTPRequestHandler):
    """A management interface without a model."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET  # noqa: N815 - its name is http.server's

    def log_message(self, *_: object) -> None:
        """Stay silent."""


def test_it_is_trusted_as_the_edge_is(network: Network, tmp_path: Path) -> None:
    """By the same certificate authority: a server of one's own has one certificate."""
    files = write_certificates(tmp_path / "tls", ["localhost"], 3, dt.datetime.now(dt.timezone.utc))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.private_key)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Manages) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        seen = observe(
            network.by_edge()[0],
            HERE,
            token_file=None,
            ca_file=files.authority,
            management_url=f"https://localhost:{server.server_port}",
            store=Path("nowhere"),
        )
        server.shutdown()
        thread.join()
    assert seen.management is not None
    assert (seen.management.models.status, seen.management.models.body) == (200, b"{}")


def test_another_server_is_not_asked_at_the_specs(network: Network) -> None:
    """Neither one at another address on this machine, nor this machine for a server elsewhere."""
    first = network.by_edge()[0]
    assert _asked(first, "http://127.0.0.1:5") == "http://127.0.0.1:8081"
    assert _asked(first, "https://edge.invalid:8443") is None
