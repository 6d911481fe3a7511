"""What is deployed in these tests: LeNet, in every way, with a certificate where one is waited for."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgent.deploy.folder import Deployment
from edgent.edge.certificates import write_certificates
from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from edgent.deploy.served_store import ServedStore

LENET = Path(__file__).parents[2] / "pipelines" / "lenet.yaml"


@pytest.fixture(scope="session")
def lenet_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The shipped LeNet."""
    return Network.open(read_spec(LENET), tmp_path_factory.mktemp("cache"))


def _folder(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    folder = tmp_path_factory.mktemp("deploy")
    write_certificates(folder / "secrets", ["localhost"], 1, dt.datetime.now(dt.timezone.utc))
    return Deployment(network, folder)


@pytest.fixture(scope="session")
def composed(lenet_network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a proxy and two edges."""
    deployment = _folder(lenet_network, tmp_path_factory)
    deployment.write_compose(2)
    return deployment.folder


@pytest.fixture(scope="session")
def clustered(lenet_network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a cluster's manifests."""
    deployment = _folder(lenet_network, tmp_path_factory)
    deployment.write_kubernetes()
    return deployment.folder


@pytest.fixture(scope="session")
def in_units(lenet_network: Network, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ServedStore]:
    """The folder of systemd's units, and what they serve."""
    deployment = _folder(lenet_network, tmp_path_factory)
    return deployment.folder, deployment.write_systemd().served
