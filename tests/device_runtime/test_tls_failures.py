"""What a user is told where TLS fails with a real server: which edge, what is wrong, what to do; no codes."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import socket
import ssl
import threading
from typing import TYPE_CHECKING

import pytest

from device_runtime.deadline import Deadline
from device_runtime.exchange.grpc_exchange import GrpcConnection
from device_runtime.exchange.http_exchange import HttpConnection
from edgent.doctor.visitor import Visitor
from edgent.edge.certificates import CertificateFiles, write_certificates
from edgent.edge.management import Management
from edgent.errors import EdgeUnreachableError, TorchServeError
from edgent.server_url import ServerUrl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = dt.datetime.now(dt.timezone.utc)
CODES = re.compile(r"\[SSL|_ssl\.c|[A-Z]+_[A-Z]+_[A-Z]+")
PLAIN = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    """For localhost, good for a while."""
    return write_certificates(tmp_path_factory.mktemp("tls"), ["localhost"], 3, NOW)


@contextlib.contextmanager
def _listening(files: CertificateFiles | None) -> Iterator[int]:
    """A port where a server speaks TLS with these files, or plain HTTP, once."""
    context = None
    if files is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.private_key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(10)
                    if context is None:
                        connection.recv(65536)
                        connection.sendall(PLAIN)
                        return
                    context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def _told(url: str, authority: Path | None) -> str:
    connection = (GrpcConnection if url.startswith("grpc") else HttpConnection)(url, authority)
    with pytest.raises(EdgeUnreachableError) as caught:
        connection.predict("head", None, b"frame", Deadline.after(10.0))
    assert not CODES.search(str(caught.value))
    return str(caught.value)


@pytest.mark.parametrize("scheme", ["https", "grpcs"])
def test_an_authority_that_is_not_trusted(files: CertificateFiles, tmp_path: Path, scheme: str) -> None:
    """The file that is missing is named."""
    other = write_certificates(tmp_path, ["localhost"], 3, NOW)
    with _listening(files) as port:
        told = _told(f"{scheme}://localhost:{port}", other.authority)
    assert told.startswith(f"localhost:{port}: its certificate is not accepted: ")
    assert "no authority that is trusted here signed it: name the ca.pem" in told


def test_a_certificate_of_another_host(files: CertificateFiles) -> None:
    """With the command that makes one for this host."""
    with _listening(files) as port:
        told = _told(f"https://127.0.0.1:{port}", files.authority)
    assert "it is for another host" in told
    assert "`edgent tls FOLDER --host 127.0.0.1`" in told


def test_a_certificate_that_has_expired(tmp_path: Path) -> None:
    """Or a clock that is wrong."""
    ended = write_certificates(tmp_path, ["localhost"], 1, NOW - dt.timedelta(days=2))
    with _listening(ended) as port:
        told = _told(f"https://localhost:{port}", ended.authority)
    assert "expired; make new certificates" in told
    assert "clock" in told


@pytest.mark.parametrize("scheme", ["https", "grpcs"])
def test_plain_http_where_tls_is_asked_for(files: CertificateFiles, scheme: str) -> None:
    """The scheme is what has to change, on one side or the other."""
    with _listening(None) as port:
        told = _told(f"{scheme}://localhost:{port}", files.authority)
    assert told.startswith(f"localhost:{port}: no TLS at this port: ")
    assert "write http:// (or grpc://)" in told


@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_tls_where_plain_http_is_asked_for(files: CertificateFiles, scheme: str) -> None:
    """Whether the server says so in TLS, or just closes the connection."""
    with _listening(files) as port:
        told = _told(f"{scheme}://localhost:{port}", None)
    assert f"localhost:{port}: " in told
    assert f"write {scheme}s://" in told


def test_a_server_that_answered_before_is_not_said_to_speak_tls() -> None:
    """It closes the connection for another reason."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for answer in (PLAIN, b""):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        connection = HttpConnection(f"http://127.0.0.1:{listener.getsockname()[1]}")
        connection.predict("head", None, b"", Deadline.after(10.0))
        connection.close()
        with pytest.raises(EdgeUnreachableError, match="closed connection") as caught:
            connection.predict("head", None, b"", Deadline.after(10.0))
        thread.join(10)
    assert "TLS" not in str(caught.value)


def test_the_doctor_says_it_in_the_same_words(files: CertificateFiles, tmp_path: Path) -> None:
    """Of both mistakes."""
    other = write_certificates(tmp_path, ["localhost"], 3, NOW)
    trusting = ssl.create_default_context(cafile=other.authority)
    with _listening(files) as port:
        url = ServerUrl.parse(f"https://localhost:{port}", "http")
        refused = Visitor(url, trusting).ask("GET", "/")
    assert refused.status == 0
    assert "no authority that is trusted here signed it" in refused.message
    with _listening(files) as port:
        plain = Visitor(ServerUrl.parse(f"http://localhost:{port}", "http"), None).ask("GET", "/")
    assert plain.status == 0
    assert not CODES.search(refused.message + plain.message)


def test_management_over_tls(files: CertificateFiles) -> None:
    """Requests' own words hide what is wrong behind three errors."""
    with _listening(files) as port, pytest.raises(TorchServeError) as caught:
        Management(f"https://localhost:{port}", None).models()
    told = str(caught.value)
    assert f"no management API at https://localhost:{port}: its certificate is not accepted" in told
    assert not CODES.search(told)
