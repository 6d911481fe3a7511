"""What of the server can be reached from other machines?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.doctor.checks.connection import said, with_certificate
from edgent.doctor.finding import Finding
from edgent.server_url import ServerUrl, is_loopback

if TYPE_CHECKING:
    from edgent.doctor.observations import Listener, Observations

_OPEN_BEHIND = {8082: "metrics", 7070: "gRPC"}
"""What may listen beyond loopback, beside inference, where something stands before the server."""
_USUAL = {8081: "management", 8082: "metrics", 7070: "gRPC inference", 7071: "gRPC management"}


def check_bound(seen: Observations) -> list[Finding]:
    """Only inference over TLS may listen beyond loopback, or inference with something before it."""
    name = "bound to"
    address = ServerUrl.parse(seen.url, "http")
    grpc = None if seen.grpc_url is None else ServerUrl.parse(seen.grpc_url, "grpc")
    if seen.listeners is None:
        return _from_outside(name, seen)
    beyond = [listener for listener in seen.listeners if not is_loopback(listener.host)]
    declared = {address.port: "inference"} | ({grpc.port: "gRPC"} if grpc else {})
    if seen.behind is not None:
        return _behind(name, seen, beyond, _OPEN_BEHIND | declared)
    findings = []
    secured = {url.port for url in (address, grpc) if url is not None and url.over_tls}
    if seen.anonymous is not None and seen.anonymous.only_accepts_https:
        secured.add(address.port)
    if grpc is not None and seen.grpc is not None and seen.grpc.wants_tls:
        secured.add(grpc.port)
    for listener in beyond:
        if listener.port not in declared:
            what = f"{_what(listener.port, seen)} listens on {listener}, which other machines reach"
            remedy = "bind it to 127.0.0.1 in config.properties (edgent archive writes it so) and restart"
            findings.append(Finding(name, "wrong", what, remedy))
        elif listener.port not in secured:
            option = (
                "--grpc-address grpcs" if declared[listener.port] == "gRPC" else "--inference-address https"
            )
            what = f"{declared[listener.port]} listens on {listener} without TLS"
            remedy = f"bind it to 127.0.0.1, or edgent tls, then {with_certificate(seen, option)}"
            findings.append(Finding(name, "wrong", what, remedy))
    if findings:
        return findings
    hosts = ", ".join(dict.fromkeys(listener.host for listener in beyond))
    where = f"inference listens on {hosts} over TLS, the rest" if beyond else "everything listens"
    return [Finding(name, "ok", f"{where} on loopback")]


def _behind(name: str, seen: Observations, beyond: list[Listener], allowed: dict[int, str]) -> list[Finding]:
    """What listens beyond loopback where something stands before the server.

    Args:
        name: of the check.
        seen: what was seen.
        beyond: what listens there.
        allowed: what may, by its port.
    """
    findings = [
        Finding(
            name,
            "wrong",
            f"{_what(listener.port, seen)} listens on {listener}, which must not leave loopback anywhere",
            "bind it to 127.0.0.1 in config.properties (edgent archive writes it so) and restart",
        )
        for listener in beyond
        if listener.port not in allowed
    ]
    if findings:
        return findings
    open_ones = ", ".join(f"{allowed[listener.port]} on {listener}" for listener in beyond) or "nothing"
    stands = f"beyond loopback listens {open_ones}; that a {said(seen.behind)} stands before it is your word"
    return [Finding(name, "ok", stands)]


def _from_outside(name: str, seen: Observations) -> list[Finding]:
    if seen.open_ports is None:
        return []
    if seen.open_ports:
        what = ", ".join(f"{_what(port, seen)} ({port})" for port in seen.open_ports)
        remedy = "bind them to 127.0.0.1 in config.properties on the edge and restart, or close the firewall"
        return [Finding(name, "wrong", f"this machine reaches {what}", remedy)]
    return [Finding(name, "ok", "this machine reaches nothing but inference")]


def _what(port: int, seen: Observations) -> str:
    if seen.management is not None and ServerUrl.parse(seen.management.url, "http").port == port:
        return "management"
    return _USUAL.get(port, "another port of the server")
