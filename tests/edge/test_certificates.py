"""Certificates of one's own: trusted where they should be, refused everywhere else, never overwritten."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import stat
import threading
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from typer.testing import CliRunner

from edgent.cli import application
from edgent.edge.certificates import CertificateFiles, check_certificate, write_certificates
from edgent.edge.configuration import TlsFiles
from edgent.errors import ArchiveError
from edgent.server_url import ServerUrl

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime.now(dt.timezone.utc)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    """Certificates for three names."""
    folder = tmp_path_factory.mktemp("tls") / "made"
    return write_certificates(folder, ["localhost", "127.0.0.1", "edge.local"], 30, NOW)


def _handshake(files: CertificateFiles, authority: Path, name: str, *, strict: bool = True) -> str:
    """The common name of the issuer that a client accepted."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.private_key)
    client = ssl.create_default_context(cafile=authority)
    if strict:  # the default of Python 3.13
        client.verify_flags |= ssl.VERIFY_X509_STRICT
    here, there = socket.socketpair()

    def answer() -> None:
        try:
            server.wrap_socket(there, server_side=True).close()
        except OSError:  # the client refused
            there.close()

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with here, client.wrap_socket(here, server_hostname=name) as secured:
            certificate: Any = secured.getpeercert()
            issuer: dict[str, str] = dict(pair for part in certificate["issuer"] for pair in part)
            return issuer["commonName"]
    finally:
        thread.join()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "edge.local"])
def test_accepted_by_who_knows_the_authority(files: CertificateFiles, name: str) -> None:
    """By name and by address, by the strictest rules of Python's ssl."""
    assert _handshake(files, files.authority, name).startswith("edgent development authority")


@pytest.mark.parametrize("name", ["other.local", "127.0.0.2"])
def test_refused_for_another_host(files: CertificateFiles, name: str) -> None:
    """The certificate is good for the hosts it was made for and no others."""
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        _handshake(files, files.authority, name)


def test_refused_by_who_knows_another_authority(files: CertificateFiles, tmp_path: Path) -> None:
    """A second authority of the same name does not vouch for the first one's server."""
    other = write_certificates(tmp_path, ["localhost"], 30, NOW)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"certificate|signature"):
        _handshake(files, other.authority, "localhost")


def test_valid_from_a_little_earlier_and_not_longer(tmp_path: Path) -> None:
    """A device whose clock is behind accepts it; after its days nobody does."""
    ended = write_certificates(tmp_path, ["localhost"], 1, NOW - dt.timedelta(days=1, minutes=1))
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        _handshake(ended, ended.authority, "localhost")


def test_an_rsa_key_for_its_owner_alone(files: CertificateFiles) -> None:
    """TorchServe loads RSA from PKCS8; the authority's own key is nowhere."""
    key = serialization.load_pem_private_key(files.private_key.read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size >= 2048
    assert files.private_key.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert stat.S_IMODE(files.private_key.stat().st_mode) == 0o600
    assert sorted(file.name for file in files.private_key.parent.iterdir()) == [
        "ca.pem",
        "server.key",
        "server.pem",
    ]


@pytest.mark.parametrize("name", ["ca.pem", "server.pem", "server.key"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    """One file that exists is enough to write none."""
    (tmp_path / name).write_text("kept")
    with pytest.raises(ArchiveError, match=f"{name} exists and is not overwritten"):
        write_certificates(tmp_path, ["localhost"], 30, NOW)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(name, "kept")]


@pytest.mark.parametrize(
    ("hosts", "days", "said"),
    [
        (["https://edge"], 30, "write a host name or an IP address alone"),
        (["edge local"], 30, "write a host name or an IP address alone"),
        ([""], 30, "write a host name or an IP address alone"),
        (["a" * 300], 30, "write a host name or an IP address alone"),
        (["fe80::1%$(x)"], 30, "write a host name or an IP address alone"),
        (["edge"], 0, "1 to 3650 days"),
        (["edge"], 10**9, "1 to 3650 days"),
    ],
)
def test_what_cannot_be_certified(tmp_path: Path, hosts: list[str], days: int, said: str) -> None:
    """Refused before anything is written."""
    with pytest.raises(ArchiveError, match=said):
        write_certificates(tmp_path, hosts, days, NOW)
    assert not list(tmp_path.iterdir())


def test_a_pair_that_torchserve_can_use(files: CertificateFiles) -> None:
    """What we make passes our own check."""
    check_certificate(TlsFiles(files.certificate, files.private_key))


def test_pairs_that_it_cannot(files: CertificateFiles, tmp_path: Path) -> None:
    """An elliptic key, somebody else's key, a file that is none: told apart before the server starts."""
    elliptic = tmp_path / "ec.key"
    key = ec.generate_private_key(ec.SECP256R1())
    elliptic.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    other = write_certificates(tmp_path / "other", ["localhost"], 30, NOW)
    for certificate, private_key, said in (
        (files.certificate, elliptic, "RSA keys only"),
        (files.certificate, other.private_key, "is not the key of"),
        (files.certificate, tmp_path / "none.key", "no private key"),
        (files.certificate, files.certificate, "no private key"),
        (files.private_key, files.private_key, "no certificate"),
    ):
        with pytest.raises(ArchiveError, match=said):
            check_certificate(TlsFiles(certificate, private_key))


def test_the_command(tmp_path: Path) -> None:
    """It tells what goes where, and refuses to run twice."""
    arguments = ["tls", str(tmp_path / "made"), "--host", "192.168.1.7"]
    result = CliRunner().invoke(application, arguments)
    assert result.exit_code == 0
    assert "192.168.1.7, localhost, 127.0.0.1" in result.stdout
    assert "ca_file: ca.pem" in result.stdout
    assert isinstance(CliRunner().invoke(application, arguments).exception, ArchiveError)


def test_the_command_for_an_address_of_ipv6(tmp_path: Path) -> None:
    """The printed line of a spec is YAML, and its URL is one; the certificate says nothing of the scope."""
    result = CliRunner().invoke(application, ["tls", str(tmp_path), "--host", "fe80::1%eth0"])
    assert result.exit_code == 0
    (line,) = (line for line in result.stdout.splitlines() if "inference_url" in line)
    url = yaml.safe_load(line)["edge"]["inference_url"]
    assert url == "https://[fe80::1%eth0]:8443"
    assert ServerUrl.parse(url, "http").host == "fe80::1%eth0"
    certificate = x509.load_pem_x509_certificate((tmp_path / "server.pem").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert ip_address("fe80::1") in names.get_values_for_type(x509.IPAddress)
