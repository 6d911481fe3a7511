"""What is looked up when Prometheus asks: links, edges that are left alone, temperatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from device_runtime.watching.heat import read_heat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from device_runtime.edges.edges import Edges

_BITS = 8  # of a byte, in which Prometheus counts whatever can be counted in bytes


class EdgeGauges(Collector):
    """What is believed of each edge, and of its link."""

    def __init__(self, edges: Edges) -> None:
        """Take the edges of a runtime."""
        self._edges = edges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read the values, which are plain numbers: no request is held up."""
        alone = GaugeMetricFamily(
            "edgent_device_edge_left_alone",
            "1 while requests stay away from an edge that failed several times in a row.",
            labels=["edge"],
        )
        bandwidth = GaugeMetricFamily(
            "edgent_device_bandwidth_bytes_per_second",
            "Bandwidth that the link is believed to have; nothing where the plan is fixed.",
            labels=["edge", "direction"],
        )
        round_trip = GaugeMetricFamily(
            "edgent_device_round_trip_seconds",
            "What an exchange with nothing in it is believed to take, the edge's queue included.",
            labels=["edge"],
        )
        certificate = GaugeMetricFamily(
            "edgent_device_certificate_expiry_timestamp_seconds",
            "When the certificate ends that the edge or the proxy before it showed; nothing without TLS.",
            labels=["edge"],
        )
        for edge in self._edges:
            alone.add_metric([edge.name], float(edge.session.absence is not None))
            if edge.certificate_expires_s is not None:
                certificate.add_metric([edge.name], edge.certificate_expires_s)
            if edge.session.tracker is not None:
                link = edge.session.tracker.meter.link
                bandwidth.add_metric([edge.name, "up"], link.upload_bps / _BITS)
                bandwidth.add_metric([edge.name, "down"], link.download_bps / _BITS)
                round_trip.add_metric([edge.name], link.round_trip_s)
        yield from (alone, bandwidth, round_trip, certificate)


class HeatGauges(Collector):
    """Temperatures, and whether the processor is slowed down; nothing where the system does not tell."""

    def __init__(self, system: Path) -> None:
        """Take the folder in which Linux shows its devices."""
        self._system = system

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read what the system tells now."""
        heat = read_heat(self._system)
        if heat.celsius:
            celsius = GaugeMetricFamily(
                "edgent_device_temperature_celsius", "Of the system's thermal zones.", labels=["zone", "type"]
            )
            for labels, value in heat.celsius.items():
                celsius.add_metric(labels, value)
            yield celsius
        if heat.throttled is not None:
            yield GaugeMetricFamily(
                "edgent_device_throttled",
                "1 while the processor is slowed down by heat or by its supply.",
                value=float(heat.throttled),
            )
