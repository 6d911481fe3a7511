"""config.properties and log4j2.xml: closed by default, every model registered, few workers."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from edgent.edge.configuration import LOG4J2, Addresses, ServedModel, config_properties
from edgent.edge.mar import MarFile


def _properties(*models: ServedModel, addresses: Addresses | None = None) -> dict[str, str]:
    text = config_properties(Path("/store"), models, addresses or Addresses())
    return dict(line.split("=", 1) for line in text.splitlines())


def _model(name: str, workers: int) -> ServedModel:
    return ServedModel(name, MarFile(Path(f"/store/{name}.mar"), 1, "0" * 64), workers)


def test_nothing_is_open_that_need_not_be() -> None:
    """Loopback everywhere, gRPC included; models can neither be registered nor fetched from anywhere."""
    properties = _properties()
    for key in ("inference_address", "management_address", "metrics_address"):
        assert properties[key].startswith("http://127.0.0.1:")
    assert properties["grpc_inference_address"] == "127.0.0.1"
    assert properties["grpc_management_address"] == "127.0.0.1"
    assert properties["enable_model_api"] == "false"
    assert properties["allowed_urls"] == "file:///nonexistent/.*"
    assert properties["disable_token_authorization"] == "false"


def test_the_snapshot_has_every_model() -> None:
    """Zero workers is written out: left out or as a default it would mean one for each processor."""
    properties = _properties(_model("a", 0), _model("b", 2))
    snapshot = json.loads(properties["model_snapshot"])
    assert snapshot["modelCount"] == 2
    workers = {
        name: (versions["1.0"]["minWorkers"], versions["1.0"]["maxWorkers"], versions["1.0"]["marName"])
        for name, versions in snapshot["models"].items()
    }
    assert workers == {"a": (0, 0, "a.mar"), "b": (2, 2, "b.mar")}
    assert properties["default_workers_per_model"] == "1"
    assert properties["load_models"] == "all"


def test_two_versions_of_one_name() -> None:
    """Both are registered; the first is what a request without a version asks for."""
    new, old = (replace(_model("a", 1), version=version) for version in ("0123456789ab", "ba9876543210"))
    snapshot = json.loads(_properties(new, old)["model_snapshot"])
    assert snapshot["modelCount"] == 1
    versions = {version: said["defaultVersion"] for version, said in snapshot["models"]["a"].items()}
    assert versions == {"0123456789ab": True, "ba9876543210": False}


def test_batches_are_as_the_archive_says() -> None:
    """TorchServe takes them from the snapshot, whatever the archive's own configuration says."""
    together = replace(_model("b", 1), batch_size=8, max_batch_delay_ms=5)
    models = json.loads(_properties(_model("a", 0), together)["model_snapshot"])["models"]
    batches = {
        name: (said["1.0"]["batchSize"], said["1.0"]["maxBatchDelay"]) for name, said in models.items()
    }
    assert batches == {"a": (1, 1), "b": (8, 5)}


def test_the_largest_frame_is_allowed() -> None:
    """Both ways, never less than TorchServe allows by itself, and Java has the memory for it."""
    usual, large = _model("a", 0), replace(_model("b", 0), frame_bytes=26_000_000)
    for model, limit, memory_mib in ((usual, "6553500", 512), (large, "26000000", 793)):
        properties = _properties(usual, model)
        assert (properties["max_request_size"], properties["max_response_size"]) == (limit, limit)
        assert f" -Xmx{memory_mib}m " in properties["vmargs"]


def test_addresses_are_the_callers() -> None:
    """Each of them ends up in its own key."""
    given = Addresses(
        "http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3", "grpc://127.0.0.1:4", 5, 6
    )
    properties = _properties(addresses=given)
    keys = ("inference_address", "management_address", "metrics_address")
    assert [properties[key] for key in keys] == [given.inference, given.management, given.metrics]
    keys = ("grpc_inference_port", "grpc_management_port", "initial_worker_port")
    assert [properties[key] for key in keys] == ["4", "5", "6"]


@pytest.mark.parametrize(
    ("addresses", "port"),
    [
        (Addresses(), 7071),
        (Addresses(grpc_inference="grpcs://0.0.0.0:8470"), 8471),
        (Addresses(inference="http://127.0.0.1:9071", grpc_inference="grpc://127.0.0.1:9070"), 9072),
        (Addresses(grpc_inference="grpc://127.0.0.1:65535"), 65534),
        (Addresses(given_grpc_management_port=1234), 1234),
    ],
)
def test_the_port_of_grpc_management_follows(addresses: Addresses, port: int) -> None:
    """No option names it, and still it is another one than those of the addresses."""
    assert _properties(addresses=addresses)["grpc_management_port"] == str(port)


def test_a_second_server_shares_no_port_with_the_first() -> None:
    """Where its four addresses are its own."""
    keys = ("inference_address", "management_address", "metrics_address")
    http = "http://127.0.0.1"
    second = Addresses(f"{http}:9080", f"{http}:9081", f"{http}:9082", "grpc://127.0.0.1:9070")
    ports = [
        {
            *(properties[key].rpartition(":")[2] for key in keys),
            *(properties[key] for key in ("grpc_inference_port", "grpc_management_port")),
        }
        for properties in (_properties(), _properties(addresses=second))
    ]
    assert [len(of_server) for of_server in ports] == [5, 5]
    assert not ports[0] & ports[1]


def test_the_log_configuration_is_xml_that_writes_warnings() -> None:
    """It can be parsed, and nothing but the root decides where lines go; why a worker dies is at INFO."""
    root = ET.fromstring(LOG4J2.encode())
    levels = {logger.get("name"): logger.get("level") for logger in root.iter("Logger")}
    assert levels["MODEL_LOG"] == "info"
    assert levels["org.pytorch.serve"] == "warn"
    assert levels["ACCESS_LOG"] == "off"
    appenders = root.find("Appenders")
    assert appenders is not None
    names = {appender.get("name") for appender in appenders}
    assert {reference.get("ref") for reference in root.iter("AppenderRef")} == names
