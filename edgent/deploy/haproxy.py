"""HAProxy before TorchServe: TLS, tokens, whole requests, checks by frames, one edge for another.

TorchServe makes new tokens whenever it starts, each server its own, so devices of several servers could not
know them. HAProxy knows one list of tokens for all, and lets nothing through but predictions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.deploy.question import Question

PORT, GRPC_PORT, OPERATORS_PORT, ADMIN_PORT = 8443, 8470, 8405, 9999
SECRETS = "/etc/edgent"
"""Folder in a container that holds the certificate, its key and the tokens."""
ADDRESS_VARIABLE = "EDGENT_PROXY_ADDRESS"
"""Of the proxy's environment: where it listens. Unset it means all of IPv4, and ``[::]`` all of IPv6, too.

The latter is no default: HAProxy does not start with it where the kernel was told to do without IPv6.
"""
DRAIN_S = 20
"""How long connections may still be open when HAProxy was told to stop."""
_PROXY_MIB, _REQUESTS_AT_ONCE = 128, 1000
_HEADERS_BYTES = 4096
_ARRIVES_WITHIN_S = 75
_SMALLEST_BUFFER_BYTES, _LARGEST_BUFFER_BYTES = 1 << 14, 1 << 20
_REFUSAL = (
    '{"code":400,"type":"InvalidKeyException","message":"Token Authorization failed: the proxy knows no such '
    'token; it has to stand in its file of tokens"}'
)
"""With TorchServe's own status and type, so that devices read their token file once more."""


@dataclass(frozen=True)
class ProxiedEdge:
    """A TorchServe behind the proxy.

    Attributes:
        name: the proxy's word for it.
        host: where it listens.
        port: its inference port.
        grpc_port: its gRPC inference port.
    """

    name: str
    host: str
    port: int = 8080
    grpc_port: int = 7070


@dataclass(frozen=True)
class Proxy:
    """What a configuration depends on.

    Attributes:
        edges: the servers.
        questions: what their health is asked by.
        largest_request_bytes: what devices send at most.
        response_timeout_s: how long an edge may take.
        host: where the proxy listens; by default what its environment says (:data:`ADDRESS_VARIABLE`).
        secrets: folder of ``tls.crt``, ``tls.key`` and ``tokens``.
        port: for devices over https.
        grpc_port: for devices over grpcs.
        operators_port: readiness and metrics.
        admin_port: commands to the proxy, on loopback; None for none.
        metrics_port: TorchServe's metrics on a loopback that the proxy shares with the only edge; else None.
    """

    edges: Sequence[ProxiedEdge]
    questions: Sequence[Question]
    largest_request_bytes: int
    response_timeout_s: int
    host: str = f"${{{ADDRESS_VARIABLE}}}"
    secrets: str = SECRETS
    port: int = PORT
    grpc_port: int = GRPC_PORT
    operators_port: int = OPERATORS_PORT
    admin_port: int | None = None
    metrics_port: int | None = None

    @property
    def buffer_bytes(self) -> int:
        """What the proxy keeps of a request, to send it once more: all of it, up to 1 MiB."""
        whole = 1 << (self.largest_request_bytes + _HEADERS_BYTES - 1).bit_length()
        return min(max(whole, _SMALLEST_BUFFER_BYTES), _LARGEST_BUFFER_BYTES)

    @property
    def keeps_whole_requests(self) -> bool:
        """Whether the largest request fits, so that any can be sent once more."""
        return self.largest_request_bytes + _HEADERS_BYTES <= self.buffer_bytes

    @property
    def memory_mib(self) -> int:
        """What it takes at most while as many requests as are meant come in at once."""
        return _PROXY_MIB + (_REQUESTS_AT_ONCE * self.buffer_bytes >> 20)


def haproxy_configuration(proxy: Proxy) -> str:
    """The text of haproxy.cfg."""
    sections = [_global(proxy), _defaults(proxy), _devices(proxy), _grpc_devices(proxy), _operators(proxy)]
    sections += [_edges(proxy), _grpc_edges(proxy), _resolvers(), *_beside(proxy)]
    texts = ["\n    ".join(section) for section in sections]
    says = "# Written by `edgent deploy`. docs/how-to/deploying.md says why each line stands here.\n"
    return says + "\n\n".join([*texts, ""])


def _global(proxy: Proxy) -> list[str]:
    admin = proxy.admin_port
    return [
        "global",
        "log stdout format raw local0 notice",
        f"hard-stop-after {DRAIN_S}s",
        "maxconn 4000",
        "ssl-default-bind-options ssl-min-ver TLSv1.2",
        "ssl-load-extra-del-ext  # the key of tls.crt is tls.key",
        f"tune.bufsize {proxy.buffer_bytes}  # {_kept(proxy)}",
        *([] if admin is None else [f"stats socket ipv4@127.0.0.1:{admin} level admin"]),
    ]


def _kept(proxy: Proxy) -> str:
    largest = f"the largest request has {proxy.largest_request_bytes} bytes"
    if proxy.keeps_whole_requests:
        return f"{largest}: each is kept whole"
    return f"{largest}: what does not fit goes to one edge as it comes in, and to no other"


def _defaults(proxy: Proxy) -> list[str]:
    kbps = proxy.largest_request_bytes * 8 / _ARRIVES_WITHIN_S / 1e3
    return [
        "defaults",
        "mode http",
        "log global",
        "option dontlognull",
        "option dontlog-normal",
        "option abortonclose  # a device that waits no more closes: its request goes to no other edge",
        "timeout connect 1s  # to an edge, on a network of its own",
        f"timeout client {_ARRIVES_WITHIN_S}s  # a device that sends nothing, or takes nothing, for so long",
        f"timeout http-request {_ARRIVES_WITHIN_S}s  # the largest request at {kbps:.3g} kbit/s",
        "timeout http-keep-alive 300s  # devices keep connections between requests",
        f"timeout server {proxy.response_timeout_s}s  # TorchServe ends a worker that takes longer",
        "timeout check 1s",
    ]


def _devices(proxy: Proxy) -> list[str]:
    refusal = f"status 400 content-type application/json string '{_REFUSAL}'"
    overloaded = "503" if len(proxy.edges) > 1 else "503 504"  # the only edge is asked again and again
    return [
        "frontend devices",
        f"bind {_address(proxy, proxy.port)} ssl crt {proxy.secrets}/tls.crt alpn http/1.1",
        _known(proxy),
        f"http-request return {refusal} unless known",
        "http-request deny deny_status 404 unless { path_beg /predictions/ } || METH_OPTIONS",
        "http-request del-header authorization",
        "option http-buffer-request  # an edge gets whole requests, at the speed of its own network",
        f"http-after-response set-header connection close if {{ status {overloaded} }}  # for another",
        "default_backend edges",
    ]


def _grpc_devices(proxy: Proxy) -> list[str]:
    refusal = "status 200 hdr grpc-status 7 hdr grpc-message 'the proxy knows no such token'"
    has_type = "{ res.hdr(content-type) -m found }"
    own = "{ path_beg /org.pytorch.serve.grpc.inference.InferenceAPIsService/ }"
    return [
        "frontend grpc_devices",
        f"bind {_address(proxy, proxy.grpc_port)} ssl crt {proxy.secrets}/tls.crt alpn h2",
        _known(proxy),
        f"http-request return {refusal} unless known",
        f"http-request deny deny_status 404 unless {own}",
        "http-request del-header authorization",
        f"http-after-response set-header content-type application/grpc unless {has_type}",
        "default_backend grpc_edges",
    ]


def _address(proxy: Proxy, port: int) -> str:
    """In the quotes in which HAProxy reads variables of its environment."""
    return f'"{proxy.host}:{port}"'


def _known(proxy: Proxy) -> str:
    return f"acl known http_auth_bearer -m str -f {proxy.secrets}/tokens"


def _operators(proxy: Proxy) -> list[str]:
    beside = proxy.metrics_port is not None
    return [
        "frontend operators",
        f"bind {_address(proxy, proxy.operators_port)}",
        "monitor-uri /ready",
        "monitor fail if { nbsrv(edges) eq 0 }",
        "http-request use-service prometheus-exporter if { path /metrics }",
        *(["use_backend torchserve if { path /ping }"] if beside else []),
        *(["use_backend torchserve_metrics if { path /torchserve }"] if beside else []),
        "default_backend nothing",
    ]


def _beside(proxy: Proxy) -> list[list[str]]:
    """What operators may ask of a TorchServe beside the proxy, whatever its queue is like."""
    nothing = ["backend nothing", "http-request deny deny_status 404"]
    if proxy.metrics_port is None:
        return [nothing]
    port = proxy.edges[0].port
    kept = (
        "http-reuse always  # TorchServe logs an error for each connection that ends with a reset",
        "default-server pool-purge-delay 5m",
    )
    return [
        nothing,
        ["backend torchserve", *kept, f"server torchserve 127.0.0.1:{port}"],
        [
            "backend torchserve_metrics",
            *kept,
            "http-request set-path /metrics",
            f"server torchserve 127.0.0.1:{proxy.metrics_port}",
        ],
    ]


_SEVERAL_EDGES = (
    "retries 2  # on the edge with the fewest requests, mostly another; never after timeout server",
    "option redispatch 1",
    "retry-on conn-failure empty-response junk-response 500 503",
)
_ONE_EDGE = (
    "retries 1  # a kept connection that the edge had closed; a full queue is for the device to know",
    "retry-on conn-failure empty-response",
)


def _edges(proxy: Proxy) -> list[str]:
    return [
        "backend edges",
        "balance leastconn",
        *(_SEVERAL_EDGES if len(proxy.edges) > 1 else _ONE_EDGE),
        "option tcp-check  # a frame without inputs, as devices ask whether a window is ready",
        *(line for question in proxy.questions for line in _check(question)),
        "default-server check inter 1s fall 2 rise 1 init-addr last,libc,none resolvers names",
        *(f"server {edge.name} {edge.host}:{edge.port}" for edge in proxy.edges),
    ]


def _check(question: Question) -> list[str]:
    """The question as HAProxy sends it, and the answers that will do: ready, or being loaded."""
    return [
        "tcp-check connect linger  # TorchServe logs an error for each connection that ends with a reset",
        f"tcp-check send-binary {question.request().hex()}",
        'tcp-check expect rstring "^HTTP/1.1 (200|425)"',
    ]


def _grpc_edges(proxy: Proxy) -> list[str]:
    return [
        "backend grpc_edges",
        "balance leastconn",
        "option redispatch 1",
        "default-server proto h2 init-addr last,libc,none resolvers names",
        *(f"server {edge.name} {edge.host}:{edge.grpc_port} track edges/{edge.name}" for edge in proxy.edges),
    ]


_LONGEST_HOLD = "24d"
"""About as long as HAProxy can count; it forgets addresses after 30 s by default."""


def _resolvers() -> list[str]:
    """Names that nobody answers for keep their address: checks say which edges are well, not the resolver."""
    return [
        "resolvers names",
        "parse-resolv-conf  # an edge that starts again may have another address",
        *(f"hold {silence} {_LONGEST_HOLD}" for silence in ("timeout", "refused", "other")),
    ]
