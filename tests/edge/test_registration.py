"""Archives in a TorchServe that runs already: what it needs, and the commands that register them."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from importlib.metadata import requires
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import AddressBook
from device_runtime.exchange.edge_client import EdgeClient
from edgent.edge.configuration import ServedModel
from edgent.edge.mar import MarFile
from edgent.edge.registration import (
    REQUIREMENTS,
    needed_settings,
    registration_commands,
    removal_commands,
)
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe
from tests.torchserve_fixtures import ended_at_once, run_in_shell

if TYPE_CHECKING:
    from edgent.network import Network

MODEL = ServedModel("net", MarFile(Path("/store/net.mar"), 1, "0" * 64), 1)


def test_the_requirements_are_our_own() -> None:
    """The same versions as edgent asks for."""
    ours = {line.partition(";")[0].strip().replace(" ", "").lower() for line in requires("edgent") or ()}
    assert {line.partition(";")[0] for line in REQUIREMENTS} <= ours


def test_limits_are_named_where_they_matter() -> None:
    """TorchServe's own are enough for small tensors."""
    assert needed_settings([MODEL]) == {"enable_model_api": "true"}
    large = replace(MODEL, frame_bytes=26_000_000)
    assert needed_settings([MODEL, large]) == {
        "enable_model_api": "true",
        "max_request_size": "26000000",
        "max_response_size": "26000000",
    }


def test_each_archive_has_a_command() -> None:
    """With its workers, at the address that is given."""
    idle = replace(MODEL, workers=0)
    commands = registration_commands([MODEL, idle], "http://127.0.0.1:9081")
    for command, workers in zip(commands, (1, 0), strict=True):
        assert (
            f'"http://127.0.0.1:9081/models?url=net.mar&initial_workers={workers}&synchronous=true"'
            in command
        )


@pytest.mark.parametrize(
    ("default", "asked"), [("1.0", ["DELETE"]), ("aaaaaaaaaaaa", ["PUT", "DELETE"]), ("", ["DELETE"])]
)
def test_the_default_changes_only_where_it_is_ours(default: str, asked: list[str]) -> None:
    """A model of somebody else's stays what its clients get who name no version."""
    old, new = (replace(MODEL, version=digit * 12) for digit in "ab")
    commands = list(removal_commands([old], [new], "http://127.0.0.1:9081"))
    assert "/models/net/bbbbbbbbbbbb/set-default" in commands[0]
    assert commands[1].endswith('"http://127.0.0.1:9081/models/net/aaaaaaaaaaaa"')
    curl = f'curl() {{ if [ "$2" = GET ]; then echo \'"modelVersion": "{default}"\'; else echo "$2"; fi; }}'
    done = subprocess.run(
        ["sh", "-e", "-c", "\n".join([curl, *commands])],
        env={"TOKEN": "t", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == asked


@pytest.mark.torchserve
@pytest.mark.skipif(shutil.which("curl") is None, reason="the commands use curl")
def test_a_server_that_runs_already(tiny_network: Network, tmp_path: Path) -> None:
    """Started without any model of ours; after the commands its heads and its pipeline answer."""
    store = tmp_path / "store"
    heads = [head for head in plan_archives([tiny_network], {"tiny-p02"}) if head.warm]
    models = build_store(store, heads, configure=False)
    assert not (store / "config.properties").exists()
    with TorchServe(store, [], settings=needed_settings(models)) as server, ended_at_once(server):
        assert server.management.models() == []
        run_in_shell(registration_commands(models, server.addresses.management), server)
        assert sorted(server.management.models()) == ["edgent-probe", "tiny", "tiny-p02"]
        client = EdgeClient(server.addresses.inference, token_file=server.token_file)
        deadline = Deadline.after(60.0)
        client.check(AddressBook(tiny_network).head("tiny-p02"), deadline)
        assert len(client.probe(4, 64, deadline).body) == 64
        client.close()
        assert server.management.ready_workers("tiny") == 1
