"""When Prometheus alerts: what needs somebody, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_LATE_SHARE, _EXPIRED_SHARE, _MOST_WAITING = 0.05, 0.01, 10
_SOON_S = 30 * 24 * 3600
"""From when on a certificate's end is near: as `edgent doctor` has it."""


@dataclass(frozen=True)
class Alert:
    """One alert.

    Attributes:
        name: of it.
        query: PromQL that gives something while it holds.
        lasts: for how long it has to hold.
        severity: ``page`` where devices lose answers' accuracy now, ``ticket`` otherwise.
        summary: what is so, with labels of the query.
        action: what to do.
    """

    name: str
    query: str
    lasts: str
    severity: str
    summary: str
    action: str

    def rule(self) -> dict[str, Any]:
        """As Prometheus reads it."""
        return {
            "alert": self.name,
            "expr": self.query,
            "for": self.lasts,
            "labels": {"severity": self.severity},
            "annotations": {"summary": self.summary, "description": self.action},
        }


def _share(part: str, whole: str, by: str) -> str:
    return f"sum by ({by}) (rate({part}[5m])) / sum by ({by}) (rate({whole}[5m]))"


_ALERTS = (
    Alert(
        "EdgentLate",
        _share("edgent_device_late_total", "edgent_device_latency_seconds_count", "instance")
        + f" > {_LATE_SHARE}",
        "5m",
        "page",
        "{{ $value | humanizePercentage }} of the answers of {{ $labels.instance }} are late",
        "Look at its latency beside the planned one, and at where the time goes: slow layers want "
        "`edgent profile`, a slow link longer requirements or smaller codecs, a hot device a cooler place.",
    ),
    Alert(
        "EdgentEdgeLost",
        "edgent_device_edge_left_alone == 1",
        "1m",
        "page",
        "{{ $labels.instance }} leaves the edge {{ $labels.edge }} alone and answers without it",
        "Run `edgent doctor` with the device's spec: the edge is gone, or devices cannot reach it.",
    ),
    Alert(
        "EdgentQueueFull",
        'sum by (instance) (rate(edgent_device_edge_errors_total{kind="QueueFullError"}[5m])) > 0',
        "1m",
        "page",
        "edges refuse requests of {{ $labels.instance }}: their queue is full",
        "Add workers or edges; `edgent capacity` says how many are enough.",
    ),
    Alert(
        "EdgentWaiting",
        f"sum by (instance) (rate(ts_queue_latency_microseconds[5m])) / 1e6 > {_MOST_WAITING}",
        "5m",
        "ticket",
        "{{ $value | humanize }} requests wait at {{ $labels.instance }} in the mean",
        "Add workers or edges; `edgent capacity` says how many are enough.",
    ),
    Alert(
        "EdgentExpired",
        _share('edgent_window_requests_total{outcome="expired"}', "edgent_window_requests_total", "instance")
        + f" > {_EXPIRED_SHARE}",
        "5m",
        "page",
        "{{ $value | humanizePercentage }} of the requests at {{ $labels.instance }} came too late to begin",
        "Where requests wait there, too, add workers or edges; where none do, links are slow.",
    ),
    Alert(
        "EdgentWindowFails",
        'sum by (instance, window) (rate(edgent_window_requests_total{outcome="failed"}[5m])) > 0',
        "5m",
        "page",
        "{{ $labels.instance }} cannot load {{ $labels.window }}",
        "TorchServe's log says why; `edgent archive` builds the archive again.",
    ),
    Alert(
        "EdgentDrift",
        "increase(edgent_device_drifts_total[1h]) > 0",
        "0m",
        "ticket",
        "the exit rule of {{ $labels.instance }} is out of date: inputs leave otherwise than it expects",
        "Run `edgent evaluate SPEC --exit-rule --images FOLDER` with inputs of today.",
    ),
    Alert(
        "EdgentThrottled",
        "edgent_device_throttled == 1",
        "5m",
        "ticket",
        "{{ $labels.instance }} is slowed down by heat or by its supply",
        "Cool it, look at its power supply, or ask it for less.",
    ),
    Alert(
        "EdgentNoEdge",
        'sum by (instance) (haproxy_server_status{proxy="edges",state="UP"}) == 0',
        "1m",
        "page",
        "no edge behind {{ $labels.instance }} answers frames",
        "Look at TorchServe's log; a full queue takes an edge out, too.",
    ),
    Alert(
        "EdgentCertificate",
        f"min by (edge) (edgent_device_certificate_expiry_timestamp_seconds) - time() < {_SOON_S}"
        f" or probe_ssl_earliest_cert_expiry - time() < {_SOON_S}",
        "5m",
        "ticket",
        "the certificate of {{ $labels.edge }}{{ $labels.instance }} ends in {{ $value | humanizeDuration }}",
        "Renew it before devices answer alone: docs/how-to/tls-and-tokens.md has the order.",
    ),
)


def rule_groups(silent: str) -> list[dict[str, Any]]:
    """The ``groups`` of Prometheus' file of rules, and of its operator's object.

    Args:
        silent: PromQL that gives something while what devices connect to does not answer Prometheus. Where
            nothing tells anything, no other alert of an edge fires.
    """
    entrance = Alert(
        "EdgentSilent",
        silent,
        "2m",
        "page",
        "{{ $labels.job }}{{ $labels.service }} {{ $labels.instance }} does not answer Prometheus",
        "See whether it runs: devices connect there, and answer alone while they cannot.",
    )
    return [{"name": "edgent", "rules": [alert.rule() for alert in (*_ALERTS, entrance)]}]
