"""A private certificate authority and a server certificate that it signs, for closed networks.

The authority's private key signs once and is never written, because whoever holds it can pose as any server.
A new host or a new expiry date needs a new authority.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edgent.errors import ArchiveError
from edgent.host import check_host, without_scope

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edgent.edge.configuration import TlsFiles

LONGEST_DAYS = 3650
_KEY_BITS = 2048
_CLOCK_SKEW = dt.timedelta(hours=1)  # a device that starts without a battery-backed clock


@dataclass(frozen=True)
class CertificateFiles:
    """What was written, all PEM.

    Attributes:
        authority: certificate of the authority; every device gets it (``edge.ca_file``).
        certificate: the server's certificate.
        private_key: the server's RSA key, PKCS8, readable by its owner alone.
    """

    authority: Path
    certificate: Path
    private_key: Path


def write_certificates(folder: Path, hosts: Sequence[str], days: int, now: dt.datetime) -> CertificateFiles:
    """Make an authority and a certificate for a server, and write them.

    The key is RSA because TorchServe 0.12 cannot load others.

    Args:
        folder: made where it is missing.
        hosts: names and IP addresses by which devices reach the server; a scope of one does not count.
        days: how long both certificates are valid.
        now: the time, with a time zone.

    Raises:
        ArchiveError: a host is neither name nor address, ``days`` is out of range, or a file exists already
            or cannot be written.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise ArchiveError(f"--days {days}: a certificate is valid for 1 to {LONGEST_DAYS} days")
    names = [_general_name(host) for host in hosts]
    files = CertificateFiles(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    for file in (files.authority, files.certificate, files.private_key):
        if file.exists():
            raise ArchiveError(
                f"{file} exists and is not overwritten: remove it first, or name another folder"
            )
    authority_key, server_key = _rsa_key(), _rsa_key()
    authority = _authority(authority_key, days, now)
    server = _server(server_key, authority, authority_key, names, days, now)
    private = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_new(files.private_key, private, 0o600)
        _write_new(files.certificate, server.public_bytes(serialization.Encoding.PEM), 0o644)
        _write_new(files.authority, authority.public_bytes(serialization.Encoding.PEM), 0o644)
    except OSError as error:
        raise ArchiveError(f"cannot write {error.filename or folder}: {error.strerror}") from None
    return files


def check_certificate(tls: TlsFiles) -> None:
    """Check that TorchServe can serve with these files.

    Raises:
        ArchiveError: a file cannot be read, the key is no RSA key, or it does not belong to the certificate.
    """
    try:
        certificate = x509.load_pem_x509_certificate(tls.certificate.read_bytes())
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{tls.certificate}: no certificate in PEM ({error})") from None
    try:
        key = serialization.load_pem_private_key(tls.private_key.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ArchiveError(f"{tls.private_key}: no private key in PEM without a password ({error})") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ArchiveError(
            f"{tls.private_key}: TorchServe loads RSA keys only; `edgent tls` makes one with its certificate"
        )
    if key.public_key() != certificate.public_key():
        raise ArchiveError(f"{tls.private_key} is not the key of {tls.certificate}: name a pair")


def _general_name(host: str) -> x509.GeneralName:
    check_host(host)
    try:
        return x509.IPAddress(ipaddress.ip_address(without_scope(host)))
    except ValueError:
        return x509.DNSName(host.lower())


def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)


def _authority(key: rsa.RSAPrivateKey, days: int, now: dt.datetime) -> x509.Certificate:
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"edgent development authority {now:%Y-%m-%d}")]
    )
    return (
        _builder(name, name, key, days, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _server(
    key: rsa.RSAPrivateKey,
    authority: x509.Certificate,
    authority_key: rsa.RSAPrivateKey,
    names: Sequence[x509.GeneralName],
    days: int,
    now: dt.datetime,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "edgent TorchServe")])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _builder(subject, authority.subject, key, days, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, days: int, now: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_encipherment=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_new(file: Path, content: bytes, mode: int) -> None:
    """Write a file that must not exist yet, with its mode from the first byte on."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        stream.write(content)
