"""An address for the page or for Prometheus is of use with its port alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from device_runtime.watching.hosts import check_hosts
from edgent.page.address import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run


def test_an_address_with_its_port_is_served() -> None:
    """And loopback is said by nobody: it is the default."""
    check_hosts(9100, "0.0.0.0", 8090, "device.example")
    check_hosts(None, LOOPBACK, None, LOOPBACK)
    check_hosts(9100, LOOPBACK, None, LOOPBACK)


@pytest.mark.parametrize(
    ("option", "port_option"), [("--live-host", "--live"), ("--metrics-host", "--metrics-port")]
)
def test_an_address_without_its_port_is_refused(
    edgent_device: Run, tiny_spec: Path, option: str, port_option: str
) -> None:
    """Before anything is opened; it is told what is missing."""
    done = edgent_device("--pipeline", tiny_spec, option, "0.0.0.0")
    assert done.code == 2
    assert f"error: {option} 0.0.0.0: nothing is served; name a port with {port_option}" in done.errors
