"""The addresses at which a device tells of itself: one without its port serves nothing."""

from __future__ import annotations

from edgent.errors import InputError
from edgent.page.address import LOOPBACK


def check_hosts(metrics_port: int | None, metrics_host: str, live_port: int | None, live_host: str) -> None:
    """Refuse an address for what is not served at all.

    Args:
        metrics_port: where Prometheus asks; None: it does not.
        metrics_host: a name or an address of this machine, for that.
        live_port: where the live page is served; None: it is not.
        live_host: a name or an address of this machine, for the page.

    Raises:
        InputError: an address was given, and its port was not.
    """
    served = {
        ("--metrics-port", "--metrics-host"): (metrics_port, metrics_host),
        ("--live", "--live-host"): (live_port, live_host),
    }
    for (port_option, host_option), (port, host) in served.items():
        if port is None and host != LOOPBACK:
            raise InputError(f"{host_option} {host}: nothing is served; name a port with {port_option}")
