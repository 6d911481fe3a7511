"""TorchServe's configuration files, with settings that were measured to matter (docs/laboratory/hop.md)."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from edgent.edge.mar import OF_NO_MODEL, MarFile
from edgent.errors import ArchiveError
from edgent.server_url import is_loopback

Behind = Literal["proxy", "network-policy"]
"""What a user says stands before a server that leaves loopback without TLS: others come that way alone."""

SNAPSHOT = "edgent.cfg"
"""Name of the snapshot in every configuration that edgent writes."""
_SETTINGS = {
    "load_models": "all",
    "disable_system_metrics": "true",
    "metrics_mode": "prometheus",
    # Workers tell what became of the requests to each window, by names that no file declares.
    "model_metrics_auto_detect": "true",
    "prefer_direct_buffer": "true",
    "default_workers_per_model": "1",
    # Nothing may be registered from outside: the archives of the snapshot are all there is.
    "enable_model_api": "false",
    "allowed_urls": "file:///nonexistent/.*",
    # Every request needs a token, and no environment variable changes that.
    "disable_token_authorization": "false",
    "enable_envvars_config": "false",
    "token_expiration_min": "1440",
    "job_queue_size": "100",
}

_JAVA_OPTIONS = (
    "-XX:+UseSerialGC "
    # Compile early and simply: else the first thousand requests are interpreted for the most part.
    "-XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=0.05 "
    # With two processors or fewer the JDK would start a thread for every request.
    "-Djava.util.concurrent.ForkJoinPool.common.parallelism=2"
)
_LEAST_MEMORY_MIB = 512
_FRAMES_IN_MEMORY = 32
"""Of the largest, in Java's heap and again in its direct buffers: about ten requests at once."""
_MOST_PORT = 65_535
USUAL_FRAME_BYTES = 6_553_500
"""TorchServe's own limit; more is allowed where a head needs it."""

LOG4J2 = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- Quiet, because every line costs latency. What a worker prints is MODEL_LOG at INFO: when it starts, and
     why it dies. For a request ours print nothing. -->
<Configuration status="WARN">
  <Appenders>
    <Console name="console" target="SYSTEM_OUT">
      <PatternLayout pattern="%d{ISO8601} [%-5p] %t %c - %m%n"/>
    </Console>
    <RollingFile name="ts_log" fileName="${env:LOG_LOCATION:-logs}/ts_log.log"
                 filePattern="${env:LOG_LOCATION:-logs}/ts_log.%i.log">
      <PatternLayout pattern="%d{ISO8601} [%-5p] %t %c - %m%n"/>
      <Policies><SizeBasedTriggeringPolicy size="10 MB"/></Policies>
      <DefaultRolloverStrategy max="3"/>
    </RollingFile>
  </Appenders>
  <Loggers>
    <Logger name="ACCESS_LOG" level="off"/>
    <Logger name="TS_METRICS" level="off"/>
    <Logger name="MODEL_METRICS" level="off"/>
    <Logger name="MODEL_LOG" level="info"/>
    <Logger name="org.apache" level="off"/>
    <Logger name="io.netty" level="error"/>
    <Logger name="org.pytorch.serve" level="warn"/>
    <Root level="warn">
      <AppenderRef ref="console"/>
      <AppenderRef ref="ts_log"/>
    </Root>
  </Loggers>
</Configuration>
"""


@dataclass(frozen=True)
class Addresses:
    """Where a TorchServe listens; everything on loopback unless told otherwise.

    Attributes:
        inference, management, metrics, grpc_inference: URLs.
        given_grpc_management_port: of its gRPC management; None: one that follows from the others.
        first_worker_port: names the sockets of workers, in the folder for temporary files.
    """

    inference: str = "http://127.0.0.1:8080"
    management: str = "http://127.0.0.1:8081"
    metrics: str = "http://127.0.0.1:8082"
    grpc_inference: str = "grpc://127.0.0.1:7070"
    given_grpc_management_port: int | None = None
    first_worker_port: int = 9000

    @property
    def grpc_management_port(self) -> int:
        """The given one; else the next port to that of gRPC inference that no other address has.

        So a second server on a machine, whose four addresses are its own, is in the way of none.
        """
        if self.given_grpc_management_port is not None:
            return self.given_grpc_management_port
        taken = {urlsplit(url).port for url in (self.inference, self.management, self.metrics)}
        grpc_port = urlsplit(self.grpc_inference).port or 0
        ports = itertools.chain(range(grpc_port + 1, _MOST_PORT + 1), range(grpc_port - 1, 0, -1))
        return next(port for port in ports if port not in taken)


@dataclass(frozen=True)
class TlsFiles:
    """A certificate and its private key for https and grpcs, both PEM; TorchServe loads RSA keys only."""

    certificate: Path
    private_key: Path


@dataclass(frozen=True)
class ServedModel:
    """An archive as TorchServe registers it at start.

    Attributes:
        frame_bytes: what a request or an answer may have.
        providers: onnxruntime's execution providers that it needs.
        batch_size: requests that a worker gets together, at most.
        max_batch_delay_ms: how long the first of them waits for the others.
        version: under which it is served.
        pipeline: name of the pipeline that it is made of; empty for the probe.
    """

    name: str
    mar: MarFile
    workers: int
    response_timeout_s: int = 20
    frame_bytes: int = USUAL_FRAME_BYTES
    providers: tuple[str, ...] = ()
    batch_size: int = 1
    max_batch_delay_ms: int = 1
    version: str = OF_NO_MODEL
    pipeline: str = ""

    @property
    def endpoint(self) -> str:
        """Where TorchServe's addresses of its predictions and of its management end: ``NAME/VERSION``."""
        return f"{self.name}/{self.version}"


def check_exposure(addresses: Addresses, tls: TlsFiles | None, behind: Behind | None = None) -> None:
    """Check that a server on these addresses is safe to run: only inference over TLS leaves loopback.

    Behind a proxy or a network policy inference may leave it without TLS, and metrics may; management never.

    Raises:
        ArchiveError: the addresses or the certificate do not allow it; the message says what to do.
    """
    for address in (addresses.inference, addresses.management, addresses.metrics):
        _host_of(address)
    _host_of(addresses.grpc_inference, "grpc")
    for what, address in (("management", addresses.management), ("metrics", addresses.metrics)):
        open_to_some = behind is not None and what == "metrics"
        if not open_to_some and not is_loopback(_host_of(address)):
            raise ArchiveError(
                f"{what} address {address}: it must stay on loopback: whoever reaches it controls the "
                f"server; use http://127.0.0.1:PORT, and an SSH tunnel from elsewhere"
            )
    listening = (
        ("inference", addresses.inference, "http", _host_of(addresses.inference)),
        ("gRPC", addresses.grpc_inference, "grpc", _host_of(addresses.grpc_inference, "grpc")),
    )
    over_tls = [address for _, address, scheme, _ in listening if address.startswith(f"{scheme}s:")]
    if tls is not None and not over_tls:
        raise ArchiveError(
            f"inference address {addresses.inference}: http uses no certificate; write https://"
        )
    for what, address, scheme, host in listening:
        if address in over_tls and tls is None:
            raise ArchiveError(
                f"{what} address {address}: {scheme}s needs --certificate and --private-key; "
                f"`edgent tls FOLDER --host NAME` makes both"
            )
        if address not in over_tls and behind is None and not is_loopback(host):
            raise ArchiveError(
                f"{what} address {address}: it leaves loopback without TLS, so others could read tokens and "
                f"inputs on the way; write {scheme}s:// and give --certificate and --private-key "
                f"(`edgent tls FOLDER --host NAME` makes both), or say with --behind what stands before it"
            )


def _host_of(address: str, scheme: str = "http") -> str:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or port is None or not address.startswith((f"{scheme}://", f"{scheme}s://")):
        raise ArchiveError(
            f"{address!r} is no address to listen on: write {scheme}://HOST:PORT, or {scheme}s://HOST:PORT"
        )
    return host


def config_properties(
    store: Path,
    models: Sequence[ServedModel],
    addresses: Addresses,
    tls: TlsFiles | None = None,
    changes: Mapping[str, str] | None = None,
) -> str:
    """The text of config.properties: every model registered, those with workers ready to answer.

    Args:
        store: folder of the archives.
        models: what to register; of several versions of one name the first is the default.
        addresses: where the server listens.
        tls: certificate and key of an https address.
        changes: settings that replace ours or are added to them.
    """
    grpc = urlsplit(addresses.grpc_inference)
    frame_bytes = _largest_frame_bytes(models)
    settings = _SETTINGS | {
        "model_store": str(store.resolve()),
        "inference_address": addresses.inference,
        "management_address": addresses.management,
        "metrics_address": addresses.metrics,
        "grpc_inference_address": grpc.hostname or "127.0.0.1",
        "grpc_management_address": "127.0.0.1",
        "grpc_inference_port": str(grpc.port),
        "grpc_management_port": str(addresses.grpc_management_port),
        "vmargs": f"-Xms64m -Xmx{java_heap_mib(models)}m {_JAVA_OPTIONS}",
        "max_request_size": str(frame_bytes),
        "max_response_size": str(frame_bytes),
        "initial_worker_port": str(addresses.first_worker_port),
        "model_snapshot": json.dumps(_snapshot(models), separators=(",", ":")),
    }
    if tls is not None:
        settings["certificate_file"] = str(tls.certificate.resolve())
        settings["private_key_file"] = str(tls.private_key.resolve())
        settings["enable_grpc_ssl"] = str(grpc.scheme == "grpcs").lower()
    settings |= changes or {}
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def _largest_frame_bytes(models: Sequence[ServedModel]) -> int:
    """TorchServe refuses a larger request, and a worker with a larger answer dies."""
    return max((model.frame_bytes for model in models), default=USUAL_FRAME_BYTES)


def java_heap_mib(models: Sequence[ServedModel]) -> int:
    """How large Java's heap may become; its direct buffers may take as much again."""
    return max(_LEAST_MEMORY_MIB, _FRAMES_IN_MEMORY * _largest_frame_bytes(models) >> 20)


def _snapshot(models: Sequence[ServedModel]) -> dict[str, object]:
    by_name: dict[str, dict[str, object]] = {}
    for model in models:
        versions = by_name.setdefault(model.name, {})
        versions[model.version] = {
            "defaultVersion": not versions,
            "marName": model.mar.path.name,
            "minWorkers": model.workers,
            "maxWorkers": model.workers,
            "batchSize": model.batch_size,
            "maxBatchDelay": model.max_batch_delay_ms,
            "responseTimeout": model.response_timeout_s,
        }
    return {"name": SNAPSHOT, "modelCount": len(by_name), "models": by_name}
