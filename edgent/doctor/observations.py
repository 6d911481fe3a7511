"""What was seen of a server, as plain values; None where it could not be looked at."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from edgent.edge.configuration import Addresses
from edgent.host import authority
from edgent.server_url import ServerUrl
from edgent.server_words import shown

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from edgent.edge.configuration import Behind


_HTTPS_ONLY = (b"only accepts HTTPS", b"plain HTTP request was sent to HTTPS port")
_TITLE = re.compile(rb"<(?:title|h1)[^>]*>([^<]{1,200})</", re.IGNORECASE)
_LONGEST_PAGE_BYTES = 4096


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; status 0 with the reason as its body when there was none.

    Attributes:
        elapsed_s: from the request to the whole answer.
    """

    status: int
    body: bytes
    elapsed_s: float = 0.0

    @property
    def message(self) -> str:
        """The reason in TorchServe's or a handler's words, or a page's title."""
        said = self._said
        if said is not None:
            return shown(said)
        page = _TITLE.search(self.body[:_LONGEST_PAGE_BYTES])
        text = page[1] if page else self.body[:200]
        return shown(text.decode("utf-8", "replace")) or f"status {self.status}"

    @property
    def is_of_a_proxy(self) -> bool:
        """Whether something before TorchServe answers in its place: a page, or a refusal in other words."""
        if self.status == 0 or self.only_accepts_https:
            return False
        is_page = self.body[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))
        is_own_refusal = self._said is not None or self.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return is_page or (self.status >= HTTPStatus.MULTIPLE_CHOICES and not is_own_refusal)

    @property
    def only_accepts_https(self) -> bool:
        """Whether http was spoken at a port for https, by TorchServe's words or by those of a proxy."""
        return any(words in self.body[:_LONGEST_PAGE_BYTES] for words in _HTTPS_ONLY)

    @property
    def refuses_the_token(self) -> bool:
        """Whether TorchServe, or a proxy that asks for tokens, wants another one than it was shown."""
        if self.status in (400, 401, 403) and b"InvalidKeyException" in self.body:
            return True
        return self.status in (401, 403) and self.is_of_a_proxy

    @property
    def _said(self) -> str | None:
        """The reason that stands in JSON."""
        try:
            return str(json.loads(self.body)["message"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return None


@dataclass(frozen=True)
class Connection:
    """How a connection to the inference address, or to that of gRPC, went.

    Attributes:
        error: why there is none.
        tls_error: why TLS failed on it.
        wants_tls: whether the port speaks TLS, and the address says that it does not.
        issuer: who signed the certificate that was accepted.
        expires: when that certificate ends.
    """

    error: str | None = None
    tls_error: str | None = None
    wants_tls: bool = False
    issuer: str | None = None
    expires: dt.datetime | None = None

    @property
    def works(self) -> bool:
        """Whether requests can be sent over it."""
        return self.error is None and self.tls_error is None


@dataclass(frozen=True)
class Keys:
    """The tokens that were found.

    Attributes:
        source: where from.
        problem: why there are none.
        expires: when TorchServe stops accepting the inference token, where its file says so.
        key_file: TorchServe's key_file.json, with which tokens are renewed.
    """

    source: str
    inference: str | None = field(default=None, repr=False)
    management: str | None = field(default=None, repr=False)
    expires: dt.datetime | None = None
    problem: str | None = None
    key_file: str = "key_file.json"


@dataclass(frozen=True)
class Listener:
    """A TCP socket that waits for connections."""

    host: str
    port: int

    def __str__(self) -> str:
        return authority(self.host, self.port)


@dataclass(frozen=True)
class ManagementSeen:
    """What the management API said.

    Attributes:
        url: where it was looked for.
        models: the answer to a listing of models.
        registration: the answer to an attempt to register an archive that does not exist.
        anonymous_registration: the same without a token.
        registered: the versions of each registered model that has the name of one of our archives, whoever
            registered it; None where it did not say.
    """

    url: str
    models: Reply
    registration: Reply | None = None
    anonymous_registration: Reply | None = None
    registered: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Runtimes:
    """The onnxruntime of this machine.

    Attributes:
        installed: distributions that bring it, each with its version.
        imported: the one that a program gets, by its own words.
        providers: the execution providers that it has.
    """

    installed: tuple[str, ...]
    imported: str
    providers: tuple[str, ...]


@dataclass(frozen=True)
class Observations:
    """Everything that was seen in one visit.

    Attributes:
        url: the inference address.
        on_this_host: whether it is an address of this machine.
        now: the time of the visit.
        ca_file: the certificate authority that was asked for; None for the system's.
        anonymous: the probe's answer to a request without a token.
        probes: its answers to requests with the token.
        heads: answers of the pipeline's heads to a batch of 0, by name.
        identities: what each head and the pipeline must answer with.
        version: under which archives of the spec's model are served.
        pipeline: answer of the archive of the whole pipeline to a batch of 0.
        pipeline_name: the pipeline's name, which is that archive's.
        windows: how many windows the pipeline has.
        spec_file: of the pipeline.
        store: folder of the archives.
        built: heads that the store's manifest lists; None without a manifest.
        warm: those that it gives a worker; None without a manifest.
        description: the server's description of itself.
        listeners: sockets of the server's process, or on its ports; None when they cannot be seen from here.
        open_ports: ports other than inference that the inference host lets us connect to.
        grpc_url: the gRPC address that devices are told; None for none.
        grpc: what came of connecting to it.
        runtimes: this machine's onnxruntime.
        edge_providers: execution providers that the spec names for the edge.
        shared: whether the server serves other models, too, which somebody registers.
        behind: what the user says stands before the server; None for nothing.
        feature_problem: why the spec's feature codecs cannot be used; empty where they can.
        features: answers to a batch of 0 for a window beside the code of each, by name; empty before the
            pipeline's archive was asked, None where the spec names none.
        offers_avif: whether the spec offers avif for inputs.
        avif: a ready head's answer to a picture in it; None where none was asked.
        offers_file: whether the spec offers photos' own files.
        file: a ready head's answer to one; None where none was asked.
    """

    url: str
    on_this_host: bool
    now: dt.datetime
    connection: Connection
    keys: Keys
    ca_file: str | None = None
    anonymous: Reply | None = None
    probes: tuple[Reply, ...] = ()
    heads: Mapping[str, Reply] = field(default_factory=dict)
    identities: Mapping[str, bytes] = field(default_factory=dict)
    version: str = ""
    pipeline: Reply | None = None
    pipeline_name: str = ""
    windows: int = 0
    spec_file: str = "SPEC"
    store: str = "archives"
    built: frozenset[str] | None = None
    warm: frozenset[str] | None = None
    description: Reply | None = None
    management: ManagementSeen | None = None
    listeners: tuple[Listener, ...] | None = None
    open_ports: tuple[int, ...] | None = None
    grpc_url: str | None = None
    grpc: Connection | None = None
    runtimes: Runtimes | None = None
    edge_providers: tuple[str, ...] = ()
    shared: bool = False
    behind: Behind | None = None
    feature_problem: str = ""
    features: Mapping[str, Reply] | None = None
    offers_avif: bool = False
    avif: Reply | None = None
    offers_file: bool = False
    file: Reply | None = None

    @property
    def replies(self) -> dict[str, Reply]:
        """Those of the heads and of the pipeline, by name."""
        return {**self.heads, **({self.pipeline_name: self.pipeline} if self.pipeline else {})}

    @property
    def to_build(self) -> str:
        """The command that makes what is missing, and what has to be done then."""
        command = ["edgent", "archive", self.spec_file, "--store", self.store]
        if self.shared:
            command += ["--only-archives", "--management-address", self.management_url]
            if self.model_api_is_closed:
                return (
                    f"{shlex.join(command)}; as the model API is closed, copy the archives into the model "
                    "store, name them in load_models, and restart TorchServe"
                )
            return f"{shlex.join(command)}, and run the commands that it prints"
        return f"{shlex.join(command)}, and restart TorchServe with that store"

    @property
    def model_api_is_closed(self) -> bool:
        """Whether nobody can register a model while the server runs."""
        registration = self.management.registration if self.management else None
        return registration is not None and registration.status == HTTPStatus.METHOD_NOT_ALLOWED

    @property
    def management_url(self) -> str:
        """Where the server is managed: what was asked, else the usual address on the server's machine."""
        return self.management.url if self.management else Addresses.management

    def to_renew(self, kind: str) -> str:
        """The command that has a new token made, of the server and the key file that were looked at.

        Args:
            kind: ``inference`` or ``management``.
        """
        command = ["edgent", "token", self.spec_file, "--key-file", self.keys.key_file]
        command += ["--management-url", self.management_url]
        command += ["--out", "token"] if kind == "inference" else ["--type", kind]
        return shlex.join(command)

    def to_give_a_worker(self, model: str, version: str | None = None) -> str:
        """The command, on the edge, that gives a model a worker.

        Args:
            model: its name.
            version: None for that of the spec's network.
        """
        endpoint = f"{model}/{version or self.version}"
        address = f"{self.management_url}/models/{endpoint}?min_worker=1&max_worker=1"
        return f"curl -X PUT -H 'Authorization: Bearer MANAGEMENT_KEY' '{address}'"

    @property
    def nothing_served(self) -> bool:
        """Whether neither a head of the pipeline nor its archive is registered in the model's version."""
        return bool(self.heads) and all(
            reply.status == HTTPStatus.NOT_FOUND for reply in self.replies.values()
        )

    @property
    def pipeline_answers(self) -> bool:
        """Whether the pipeline's archive is there, of our model, and runs."""
        return self.pipeline is not None and self.pipeline.status in (HTTPStatus.OK, HTTPStatus.TOO_EARLY)

    @property
    def pipeline_is_registered(self) -> bool:
        """Whether the pipeline's archive is there, of our model, with a worker or without."""
        no_worker = self.pipeline is not None and self.pipeline.status == HTTPStatus.SERVICE_UNAVAILABLE
        return self.pipeline_answers or no_worker

    @property
    def wants_tokens(self) -> bool | None:
        """Whether a request without a token was refused for that; None when the server did not say."""
        if self.anonymous is None:
            return None
        if self.anonymous.refuses_the_token:
            return True
        says_nothing = self.anonymous.status in (0, 403)  # 403: http at a port for https
        return None if says_nothing or self.anonymous.is_of_a_proxy else False

    @property
    def proxys_answer(self) -> Reply | None:
        """What a proxy answered in TorchServe's place, to a request with the token if it let that through."""
        replies = [*([] if self.anonymous is None else [self.anonymous]), *self.probes[:1]]
        return next((reply for reply in replies if reply.is_of_a_proxy and not reply.refuses_the_token), None)

    @property
    def through_a_proxy(self) -> bool:
        """Whether it is the proxy that is asked: TLS and tokens are its own then, and so are sockets here."""
        return self.behind == "proxy" and self.url.startswith("https:")

    @property
    def withholds_tokens(self) -> bool:
        """Whether tokens would be sent in the clear, and nothing is said to stand before the server."""
        return self.behind is None and ServerUrl.parse(self.url, "http").in_the_clear

    @property
    def shown_token(self) -> str | None:
        """The inference token, where it may be sent."""
        return None if self.withholds_tokens else self.keys.inference
