"""How many pods there are: as many as keep requests from waiting and from being refused or late.

TorchServe counts the microseconds that requests waited; where their sum grows by w seconds each second, w
requests were waiting in the mean (Little's law). HAProxy counts answers of 500 and above: 503 of full queues,
504 of requests that were too late to begin. Late ones count only while some wait: a slow link makes requests
late, too, and no pod helps against that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgent.deploy.kubernetes.guards import MONITORING

if TYPE_CHECKING:
    from edgent.deploy.kubernetes.names import Names

FEWEST_PODS, MOST_PODS = 2, 20
WAITING_PER_POD = 1.0
LATE_SHARE = 0.01
_SOME_WAIT = 0.1
_PROMETHEUS = f"http://prometheus-operated.{MONITORING}.svc:9090"


def scaled_object(names: Names) -> dict[str, Any]:
    """KEDA's object, which makes an autoscaler: quick up, one pod a minute down when both figures are low."""
    behaviour = {
        "scaleUp": {
            "stabilizationWindowSeconds": 0,
            "policies": [{"type": "Percent", "value": 100, "periodSeconds": 30}],
        },
        "scaleDown": {
            "stabilizationWindowSeconds": 300,
            "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}],
        },
    }
    spec = {
        "scaleTargetRef": {"name": names.base},
        "minReplicaCount": FEWEST_PODS,
        "maxReplicaCount": MOST_PODS,
        "pollingInterval": 15,
        "advanced": {"horizontalPodAutoscalerConfig": {"behavior": behaviour}},
        "triggers": [
            _trigger("waiting", waiting_query(names), WAITING_PER_POD, "AverageValue"),
            _trigger("late", late_query(names), LATE_SHARE, "Value"),
        ],
    }
    return names.manifest("keda.sh/v1alpha1", "ScaledObject", spec)


def waiting_query(names: Names) -> str:
    """Requests that wait in all pods' queues, in the mean of a minute."""
    return f'sum(rate(ts_queue_latency_microseconds{{service="{names.pods}"}}[1m])) / 1e6'


def late_query(names: Names) -> str:
    """The share of requests that were refused or too late, while others waited; 0 otherwise."""
    of_pods = f'service="{names.pods}",proxy="edges"'
    late = f'sum(rate(haproxy_server_http_responses_total{{{of_pods},code="5xx"}}[1m]))'
    all_ = f"(sum(rate(haproxy_server_http_responses_total{{{of_pods}}}[1m])) > 0)"
    return f"({late} / {all_} and on() ({waiting_query(names)} > {_SOME_WAIT})) or on() vector(0)"


def _trigger(name: str, query: str, threshold: float, kind: str) -> dict[str, Any]:
    return {
        "type": "prometheus",
        "name": name,
        "metricType": kind,
        "metadata": {"serverAddress": _PROMETHEUS, "query": query, "threshold": f"{threshold:g}"},
    }
