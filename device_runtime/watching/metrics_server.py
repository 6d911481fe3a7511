"""Serves a device's metrics, where the package for that is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.extras import require

if TYPE_CHECKING:
    from device_runtime.runtime import DeviceRuntime
    from device_runtime.watching.metrics import DeviceMetrics


def serve_metrics(runtime: DeviceRuntime, port: int, host: str) -> DeviceMetrics:
    """Count answers for Prometheus, which may ask from now on.

    Args:
        runtime: that will answer.
        port: where Prometheus asks.
        host: a name or an address of this machine.

    Raises:
        InputError: nothing can be served there.
        MissingExtraError: prometheus_client is not installed.
    """
    require("prometheus_client")
    from device_runtime.watching.metrics import DeviceMetrics  # noqa: PLC0415  few devices have its package

    metrics = DeviceMetrics(runtime)
    metrics.serve(port, host)
    return metrics
