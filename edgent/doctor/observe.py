"""One visit to a server: the only place where the doctor does anything."""

from __future__ import annotations

import datetime as dt
import io
import json
import ssl
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from edgent.core.codecs.avif_rung import AvifRung
from edgent.core.codecs.file import FileCodec
from edgent.core.photo import Photo
from edgent.core.probe import PROBE, SMALLEST_REQUEST_BYTES, write_probe
from edgent.core.served_version import served_version
from edgent.core.wire import Frame, head_identity, window_identity, write_frame
from edgent.doctor.connecting import connected
from edgent.doctor.feature_windows import feature_problem, feature_windows
from edgent.doctor.keys import read_keys
from edgent.doctor.observations import Connection, ManagementSeen, Observations, Reply
from edgent.doctor.runtimes import installed_runtimes
from edgent.doctor.sockets import is_on_this_host, listeners, open_ports, speaks_tls
from edgent.doctor.visitor import Visitor
from edgent.edge.configuration import Addresses
from edgent.edge.manifest import MANIFEST, read_store
from edgent.errors import EdgeUnreachableError, InputError
from edgent.inputs.picture import preprocessing_of
from edgent.planning.plan import FILE
from edgent.server_url import ServerUrl
from edgent.tls_failure import in_words

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.edge.configuration import Behind
    from edgent.network import Network

USUAL_PORTS = (8081, 8082, 7070, 7071)
"""TorchServe's management, metrics and gRPC, where nobody moved them."""

_TIMEOUT_S = 5.0
_NO_TIME_S = 1e-6
_PROBES = 10
_NO_SUCH_ARCHIVE = "/models?url=edgent-doctor-no-such-archive.mar"


def observe(
    network: Network,
    url: str,
    *,
    grpc_url: str | None = None,
    token_file: Path | None,
    ca_file: Path | None = None,
    management_url: str | None,
    store: Path,
    shared: bool = False,
    behind: Behind | None = None,
) -> Observations:
    """Visit a server and write down what it says.

    Nothing changes on it but that the pipeline's archive loads the whole network, if it has not: heads and
    pipeline get batches of 0, and the registration that is tried names an archive that does not exist. A
    token is sent only to a server whose certificate is good, or over plain http on loopback, or to a server
    that something stands before.

    Args:
        network: the pipeline whose heads it should serve.
        url: inference address.
        grpc_url: gRPC address; None where devices are told of none.
        token_file: TorchServe's key_file.json, or a file with the inference token.
        ca_file: certificate authority, PEM; the spec's when None.
        management_url: management address; where the server is on this machine, the spec's or the usual one
            when None.
        store: folder of the archives; its manifest, if there is one, tells which heads should be there.
        shared: whether the server serves other models, too.
        behind: what the user says stands before the server.

    Raises:
        EdgeUnreachableError: an address or the certificate authority cannot be used.
        ArchiveError: the store's manifest cannot be read.
    """
    address = ServerUrl.parse(url, "http")
    if ca_file is None and network.spec.edge.ca_file:
        ca_file = network.spec.resolve(network.spec.edge.ca_file)
    tls = _trusting(ca_file) if address.over_tls else None
    heads = [head.name(network.spec.name) for head in network.graph.heads()]
    listed = _listed(store, network, heads)
    seen = Observations(
        url=url,
        on_this_host=is_on_this_host(address.host),
        now=dt.datetime.now(dt.timezone.utc),
        connection=_connect(address, tls),
        keys=read_keys(token_file),
        ca_file=str(ca_file) if ca_file else None,
        identities={head: head_identity(network.graph.sha256, head) for head in heads}
        | {network.spec.name: _whole_network(network)},
        version=served_version(network.graph.sha256),
        pipeline_name=network.spec.name,
        windows=len(network.graph.windows()),
        spec_file=str(network.spec.file),
        store=str(store),
        built=None if listed is None else frozenset(listed),
        warm=None if listed is None else frozenset(head for head in listed if listed[head]),
        grpc_url=grpc_url,
        grpc=_look_at_grpc(grpc_url, ca_file) if grpc_url else None,
        runtimes=installed_runtimes(),
        edge_providers=network.spec.edge.providers,
        shared=shared,
        behind=behind,
        feature_problem=feature_problem(network),
        features={} if network.spec.codecs.features else None,
        offers_avif=_avif_codec(network) is not None,
        offers_file=FILE in network.input_codecs,
    )
    if seen.connection.works:
        seen = _with_inference(seen, Visitor(address, tls), network)
    if management_url is None and seen.on_this_host and not seen.through_a_proxy:
        management_url = _usual_management_url(network, url)
    return _with_other_ports(seen, address, management_url)


def _with_inference(seen: Observations, visitor: Visitor, network: Network) -> Observations:
    """Ask the probe without and with the token, and the heads unless the token is refused."""
    anonymous = visitor.ask("POST", f"/predictions/{PROBE}", body=write_probe(SMALLEST_REQUEST_BYTES, 0))
    description = visitor.ask("OPTIONS", "/", token=seen.shown_token)
    seen = replace(seen, anonymous=anonymous, description=description)
    if anonymous.only_accepts_https or anonymous.status == description.status == 0:
        visitor.close()
        return seen  # every other question would be waited for in vain
    probes = _probe(visitor, seen.shown_token)
    seen = replace(seen, probes=probes)
    if not probes[0].refuses_the_token and not probes[0].is_of_a_proxy:
        replies = {name: _ask_model(visitor, network, name, seen) for name in seen.identities}
        pipeline = replies.pop(seen.pipeline_name)
        seen = replace(seen, heads=replies, pipeline=pipeline)
        if seen.features is not None and not seen.feature_problem:
            windows = feature_windows(network, _TIMEOUT_S)
            seen = replace(
                seen,
                features={name: _ask(visitor, network.spec.name, frame, seen) for name, frame in windows},
            )
        seen = replace(
            seen, avif=_ask_in_avif(visitor, network, seen), file=_ask_with_file(visitor, network, seen)
        )
    visitor.close()
    return seen


def _usual_management_url(network: Network, url: str) -> str:
    """The spec's, where it is of this server and says it."""
    edge = network.spec.edge
    return (edge.management_url if url == edge.inference_url else None) or Addresses.management


def _with_other_ports(seen: Observations, address: ServerUrl, management_url: str | None) -> Observations:
    """Look at the management API, at this machine's sockets, or at the ports of another machine."""
    ports = {*USUAL_PORTS}
    if management_url is not None:
        ports.add(ServerUrl.parse(management_url, "http").port)
        seen = replace(seen, management=_look_at_management(management_url, seen))
    ports.discard(address.port)
    if seen.on_this_host and seen.through_a_proxy:
        return seen  # the sockets are the proxy's
    if seen.on_this_host:
        return replace(seen, listeners=listeners(address.port, ports))
    if seen.connection.error:
        return seen
    if seen.grpc_url and seen.grpc_url.startswith("grpcs:"):
        ports.discard(ServerUrl.parse(seen.grpc_url, "grpc").port)
    return replace(seen, open_ports=open_ports(address.host, sorted(ports)))


def _trusting(ca_file: str | Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise EdgeUnreachableError(f"{ca_file}: no certificate authority in PEM: {in_words(error)}") from None


def _connect(address: ServerUrl, tls: ssl.SSLContext | None) -> Connection:
    try:
        plain = connected(address.host, address.port, _TIMEOUT_S)
    except (OSError, UnicodeError) as error:  # the latter of a host name that none can have
        return Connection(error=str(error))
    with plain:
        if tls is None:
            return Connection()
        try:
            with tls.wrap_socket(plain, server_hostname=address.certified_name) as secured:
                certificate: Any = secured.getpeercert()
        except ssl.SSLCertVerificationError as error:
            return Connection(tls_error=error.verify_message)
        except OSError as error:
            return Connection(tls_error=in_words(error))
    names = dict(pair for part in certificate["issuer"] for pair in part)
    expires_s = ssl.cert_time_to_seconds(certificate["notAfter"])
    return Connection(
        issuer=names.get("commonName") or names.get("organizationName"),
        expires=dt.datetime.fromtimestamp(expires_s, tz=dt.timezone.utc),
    )


def _look_at_grpc(url: str, ca_file: Path | None) -> Connection:
    address = ServerUrl.parse(url, "grpc")
    if address.over_tls:
        return _connect(address, _trusting(ca_file))
    plain = _connect(address, None)
    return replace(plain, wants_tls=True) if plain.works and speaks_tls(address.host, address.port) else plain


def _probe(visitor: Visitor, token: str | None) -> tuple[Reply, ...]:
    """Several exchanges with the probe; one if it does not answer."""
    body = write_probe(SMALLEST_REQUEST_BYTES, 0)
    replies = [visitor.ask("POST", f"/predictions/{PROBE}", body=body, token=token)]
    while replies[0].status == 200 and len(replies) < _PROBES:
        replies.append(visitor.ask("POST", f"/predictions/{PROBE}", body=body, token=token))
    return tuple(replies)


def _ask_model(visitor: Visitor, network: Network, model: str, seen: Observations) -> Reply:
    """A frame that holds nothing, as a device sends it to learn whether a head is ready."""
    nothing = np.zeros((0, *network.graph.input_shape), network.graph.input_dtype)
    frame = Frame(nothing, "raw", seen.identities[model], "float32", _TIMEOUT_S)
    return _ask(visitor, model, frame, seen)


def _ask(visitor: Visitor, model: str, frame: Frame, seen: Observations) -> Reply:
    path = f"/predictions/{model}/{seen.version}"
    return visitor.ask("POST", path, body=write_frame(frame), token=seen.shown_token)


def _ask_in_avif(visitor: Visitor, network: Network, seen: Observations) -> Reply | None:
    """A black picture for a ready head, with no time to compute: it is read, and that is all."""
    codec = _avif_codec(network)
    ready = [name for name, reply in seen.replies.items() if reply.status == HTTPStatus.OK]
    if codec is None or not ready:
        return None
    black = np.zeros((1, *network.graph.input_shape), network.graph.input_dtype)
    frame = Frame(black, codec, seen.identities[ready[0]], "float32", _NO_TIME_S)
    path = f"/predictions/{ready[0]}/{seen.version}"
    return visitor.ask("POST", path, body=write_frame(frame), token=seen.shown_token)


def _ask_with_file(visitor: Visitor, network: Network, seen: Observations) -> Reply | None:
    """The file of a black picture of the network's size, in the same way."""
    ready = [name for name, reply in seen.replies.items() if reply.status == HTTPStatus.OK]
    if FILE not in network.input_codecs or not ready:
        return None
    try:
        preprocessing, file = preprocessing_of(network.spec), io.BytesIO()
    except InputError:  # there is no photo that it takes
        return None
    Image.new("RGB", (preprocessing.width, preprocessing.height)).save(file, "PNG")
    photo = Photo(file.getvalue(), preprocessing)
    frame = Frame(photo.outline, FILE, seen.identities[ready[0]], "float32", _NO_TIME_S)
    body = write_frame(frame, FileCodec().encode(photo))
    path = f"/predictions/{ready[0]}/{seen.version}"
    return visitor.ask("POST", path, body=body, token=seen.shown_token)


def _avif_codec(network: Network) -> str | None:
    """An avif codec that the spec offers, if it offers one."""
    return next((name for name in network.input_codecs if name.startswith(AvifRung.family)), None)


def _whole_network(network: Network) -> bytes:
    """Identity of the window from the network's input to its deepest exit."""
    deepest = network.graph.paths[-1]
    last = deepest.cut_tensor(len(deepest.layers))
    return window_identity(network.graph.sha256, network.graph.source.name, last)


def _listed(store: Path, network: Network, heads: list[str]) -> dict[str, int] | None:
    """The workers of each head of a network that the store's manifest lists; None without a manifest."""
    if not (store / MANIFEST).exists():
        return None
    version = served_version(network.graph.sha256)
    return {
        model.name: model.workers
        for model in read_store(store)
        if model.name in heads and model.version == version
    }


def _look_at_management(url: str, seen: Observations) -> ManagementSeen:
    address = ServerUrl.parse(url, "http")
    key = None if address.in_the_clear else seen.keys.management
    visitor = Visitor(address, _trusting(seen.ca_file) if address.over_tls else None)
    models = visitor.ask("GET", "/models?limit=10000", token=key)
    if models.status == 0:
        return ManagementSeen(url, models)
    found = ManagementSeen(
        url,
        models,
        registration=visitor.ask("POST", _NO_SUCH_ARCHIVE, token=key),
        anonymous_registration=visitor.ask("POST", _NO_SUCH_ARCHIVE),
        registered=_registered(visitor, key, models, {*seen.identities, PROBE}),
    )
    visitor.close()
    return found


def _registered(
    visitor: Visitor, key: str | None, models: Reply, ours: set[str]
) -> dict[str, tuple[str, ...]] | None:
    """The versions of each listed model that has one of our names; None where something else was said."""
    try:
        names = [str(model["modelName"]) for model in json.loads(models.body)["models"]]
        described = {
            name: json.loads(visitor.ask("GET", f"/models/{name}/all", token=key).body)
            for name in names
            if name in ours
        }
        return {
            name: tuple(sorted(str(model["modelVersion"]) for model in versions))
            for name, versions in described.items()
        }
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
