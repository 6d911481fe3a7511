"""What of two operators' own kinds is used here, as their published definitions have it (read in 2026).

The checker of manifests knows Kubernetes' own kinds alone. Nothing but what stands here is allowed, so that a
misspelt key is found.
"""

from __future__ import annotations

from typing import Any


def _object(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [*required],
        "additionalProperties": False,
    }


def _list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


_TEXT = {"type": "string", "minLength": 1}
_COUNT = {"type": "integer", "minimum": 0}
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_DURATION = {"type": "string", "pattern": r"^[0-9]+(ms|s|m)$"}
_METADATA = _object(
    ("name",), name={"type": "string", "pattern": r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"}, labels=_TEXTS
)
_POLICY = _object(
    ("type", "value", "periodSeconds"),
    type={"enum": ["Pods", "Percent"]},
    value={"type": "integer", "minimum": 1},
    periodSeconds={"type": "integer", "minimum": 1, "maximum": 1800},
)
_RULES = _object(
    stabilizationWindowSeconds={"type": "integer", "minimum": 0, "maximum": 3600}, policies=_list_of(_POLICY)
)
_PROMETHEUS = _object(
    ("serverAddress", "query", "threshold"),
    serverAddress={"type": "string", "pattern": "^https?://"},
    query=_TEXT,
    threshold={"type": "string", "pattern": r"^[0-9.]+$"},
)
_TRIGGER = _object(
    ("type", "metadata"),
    type={"const": "prometheus"},
    name=_TEXT,
    metricType={"enum": ["AverageValue", "Value"]},
    metadata=_PROMETHEUS,
)
_RULE = _object(
    ("alert", "expr"),
    alert={"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
    expr=_TEXT,
    labels=_TEXTS,
    annotations=_TEXTS,
    **{"for": _DURATION},
)
_ENDPOINT = _object(("port",), port=_TEXT, path=_TEXT, interval=_DURATION)


def _kind(api_version: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    required = ("apiVersion", "kind", "metadata", "spec")
    return _object(
        required, apiVersion={"const": api_version}, kind={"const": kind}, metadata=_METADATA, spec=spec
    )


SCHEMAS = {
    "ScaledObject": _kind(
        "keda.sh/v1alpha1",
        "ScaledObject",
        _object(
            ("scaleTargetRef", "triggers"),
            scaleTargetRef=_object(("name",), name=_TEXT),
            minReplicaCount=_COUNT,
            maxReplicaCount=_COUNT,
            pollingInterval=_COUNT,
            advanced=_object(
                horizontalPodAutoscalerConfig=_object(behavior=_object(scaleUp=_RULES, scaleDown=_RULES))
            ),
            triggers=_list_of(_TRIGGER),
        ),
    ),
    "PrometheusRule": _kind(
        "monitoring.coreos.com/v1",
        "PrometheusRule",
        _object(("groups",), groups=_list_of(_object(("name", "rules"), name=_TEXT, rules=_list_of(_RULE)))),
    ),
    "ServiceMonitor": _kind(
        "monitoring.coreos.com/v1",
        "ServiceMonitor",
        _object(
            ("selector", "endpoints"), selector=_object(matchLabels=_TEXTS), endpoints=_list_of(_ENDPOINT)
        ),
    ),
}
