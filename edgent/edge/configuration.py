"""TorchServe's configuration files, with the settings that were measured to matter (docs/torchserve.md)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgent.edge.mar import MarFile

_SETTINGS = {
    "load_models": "all",
    "disable_system_metrics": "true",
    "metrics_mode": "prometheus",
    "prefer_direct_buffer": "true",
    "default_workers_per_model": "1",
    # Nothing may be registered from outside: the archives of the snapshot are all there is.
    "enable_model_api": "false",
    "allowed_urls": "file:///nonexistent/.*",
    "token_expiration_min": "1440",
    "job_queue_size": "100",
    # With two processors or fewer the JDK would start a thread for every request.
    "vmargs": "-Xms64m -Xmx512m -XX:+UseSerialGC -Djava.util.concurrent.ForkJoinPool.common.parallelism=2",
}

LOG4J2 = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- Quiet, because every line costs latency. A worker's own output is MODEL_LOG at INFO: set it to debug. -->
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
    <Logger name="MODEL_LOG" level="warn"/>
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
    """Where a TorchServe listens; everything on loopback unless told otherwise."""

    inference: str = "http://127.0.0.1:8080"
    management: str = "http://127.0.0.1:8081"
    metrics: str = "http://127.0.0.1:8082"
    grpc_inference_port: int = 7070
    grpc_management_port: int = 7071
    first_worker_port: int = 9000


@dataclass(frozen=True)
class ServedModel:
    """An archive as TorchServe registers it at start."""

    name: str
    mar: MarFile
    workers: int
    response_timeout_s: int = 20


def config_properties(store: Path, models: Sequence[ServedModel], addresses: Addresses) -> str:
    """The text of config.properties: every model registered, those with workers ready to answer."""
    settings = _SETTINGS | {
        "model_store": str(store.resolve()),
        "inference_address": addresses.inference,
        "management_address": addresses.management,
        "metrics_address": addresses.metrics,
        "grpc_inference_address": "127.0.0.1",
        "grpc_management_address": "127.0.0.1",
        "grpc_inference_port": str(addresses.grpc_inference_port),
        "grpc_management_port": str(addresses.grpc_management_port),
        "initial_worker_port": str(addresses.first_worker_port),
        "model_snapshot": json.dumps(_snapshot(models), separators=(",", ":")),
    }
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def _snapshot(models: Sequence[ServedModel]) -> dict[str, object]:
    return {
        "name": "edgent.cfg",
        "modelCount": len(models),
        "models": {
            model.name: {
                "1.0": {
                    "defaultVersion": True,
                    "marName": model.mar.path.name,
                    "minWorkers": model.workers,
                    "maxWorkers": model.workers,
                    "batchSize": 1,
                    "maxBatchDelay": 1,
                    "responseTimeout": model.response_timeout_s,
                }
            }
            for model in models
        },
    }
