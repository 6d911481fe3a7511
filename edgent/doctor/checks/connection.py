"""Is the server there, and is it who it says it is?"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from edgent.doctor.checks.proxy_words import in_place_of_torchserve
from edgent.doctor.finding import Finding
from edgent.server_url import is_loopback

if TYPE_CHECKING:
    from edgent.doctor.observations import Observations

_SOON_DAYS = 30


def check_reachable(seen: Observations) -> list[Finding]:
    """A connection to the inference address, and TorchServe behind it."""
    name = "reachable"
    if seen.connection.error is not None:
        return [
            Finding(
                name,
                "wrong",
                f"no connection to {seen.url}: {seen.connection.error}",
                f"{_to_start(seen)}, or name its address with --url or in edge.inference_url",
            )
        ]
    if seen.anonymous is None:
        return []
    if seen.anonymous.only_accepts_https:
        return [
            Finding(name, "wrong", f"{seen.url} speaks https only", "write https:// in edge.inference_url")
        ]
    if seen.anonymous.status == 0:
        return [
            Finding(
                name,
                "wrong",
                f"{seen.url} does not answer over HTTP: {seen.anonymous.message}",
                "see whether the port is TorchServe's and whether it speaks https; look into its log",
            )
        ]
    if seen.proxys_answer is not None:
        return [Finding(name, "wrong", *in_place_of_torchserve(seen.url, seen.proxys_answer))]
    return [Finding(name, "ok", f"{seen.url} answers")]


def _to_start(seen: Observations) -> str:
    if seen.through_a_proxy:
        return "start the proxy, and see whether it listens there and whether a firewall is in between"
    return "start TorchServe" if seen.shared else "start TorchServe (make serve)"


def check_grpc(seen: Observations) -> list[Finding]:
    """A connection to gRPC's address; without one, devices speak HTTP."""
    name = "gRPC"
    if seen.connection.error is not None:
        return []
    if seen.grpc is None:
        return [Finding(name, "ok", "no edge.grpc_url: devices speak HTTP")]
    trouble = seen.grpc.error or seen.grpc.tls_error
    if seen.grpc.wants_tls:
        found = f"{seen.grpc_url} speaks TLS; devices speak HTTP"
        return [Finding(name, "warning", found, "write grpcs:// in edge.grpc_url")]
    if trouble is None:
        return [Finding(name, "ok", f"{seen.grpc_url} takes connections; devices use it where it is quicker")]
    return [
        Finding(
            name,
            "warning",
            f"no connection to {seen.grpc_url}: {trouble}; devices speak HTTP",
            "serve with edgent archive's config.properties (--grpc-address), or correct edge.grpc_url",
        )
    ]


def check_tls(seen: Observations) -> list[Finding]:
    """Encrypted wherever others could listen, with a certificate that the device's authority signed."""
    name = "TLS"
    if seen.connection.error is not None:
        return []
    if not seen.url.startswith("https:"):
        host = urlsplit(seen.url).hostname or ""
        if is_loopback(host) or seen.behind is not None:
            behind = f"to {host}, behind a {said(seen.behind)} as you say"
            where = "that stays on loopback" if is_loopback(host) else behind
            return [Finding(name, "ok", f"plain http {where}")]
        return [
            Finding(
                name,
                "wrong",
                f"plain http to {host}: token and inputs can be read on the way",
                f"edgent tls, then {with_certificate(seen, '--inference-address https')}; or say with "
                "--behind what stands before the server",
            )
        ]
    authority = seen.ca_file or "the system's certificate authorities"
    if seen.connection.tls_error is not None:
        reason = seen.connection.tls_error
        return [Finding(name, "wrong", *_refused(reason, authority, _owner(seen)))]
    expires = seen.connection.expires
    assert expires is not None  # TLS worked, so there was a certificate
    left_days = (expires - seen.now).days
    whose = "the proxy's certificate, " if seen.through_a_proxy else ""
    finding = f"{whose}signed by {seen.connection.issuer}, trusted through {authority}; {left_days} days left"
    if left_days < _SOON_DAYS:
        return [
            Finding(
                name,
                "warning",
                finding,
                f"make new certificates (edgent tls) for {_owner(seen)} before the old ones end",
            )
        ]
    return [Finding(name, "ok", finding)]


def with_certificate(seen: Observations, option: str) -> str:
    """How the server's configuration gets a certificate: from edgent archive, unless the server has its own.

    Args:
        seen: what was seen.
        option: of edgent archive, with the scheme.
    """
    if seen.shared:
        return "certificate_file, private_key_file and an https inference_address in its config.properties"
    return f"edgent archive with {option}://… and the certificate"


def said(behind: str | None) -> str:
    """What stands before a server, in words."""
    return str(behind).replace("-", " ")


def _owner(seen: Observations) -> str:
    """Whose TLS it is."""
    return "the proxy" if seen.through_a_proxy else "the server"


def _refused(reason: str, authority: str, owner: str) -> tuple[str, str]:
    if "mismatch" in reason:
        return (
            f"{owner}'s certificate is for another host: {reason}",
            f"reach {owner} by a name of its certificate, or make one for this host: edgent tls --host",
        )
    if "expired" in reason or "not yet valid" in reason:
        return (
            f"{owner}'s: {reason}",
            f"make new certificates (edgent tls) for {owner}; see whether this machine's clock is right",
        )
    if "certificate" in reason or "self" in reason:
        return (
            f"{authority} did not sign {owner}'s certificate: {reason}",
            "name the ca.pem made with this certificate by --ca-file or in edge.ca_file",
        )
    return f"no TLS at this port: {reason}", "write http:// for a server without TLS"
