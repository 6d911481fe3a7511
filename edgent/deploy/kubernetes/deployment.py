"""The pods: TorchServe on loopback, and HAProxy before it, which alone is reached from outside of the pod."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgent.deploy.compose import HAPROXY_FILE, HAPROXY_IMAGE
from edgent.deploy.haproxy import DRAIN_S, GRPC_PORT, OPERATORS_PORT, PORT, SECRETS
from edgent.deploy.images import HEALTH_COMMAND, RUN, USER_ID

if TYPE_CHECKING:
    from edgent.deploy.haproxy import Proxy
    from edgent.deploy.kubernetes.names import Names
    from edgent.deploy.resources import Resources

_UNTIL_NOBODY_COMES_S = 5
"""How long after a pod is to go the cluster may still send it new connections."""
_DRAINED_S = _UNTIL_NOBODY_COMES_S + DRAIN_S + 2
_CONFINED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def deployment(names: Names, image: str, needs: Resources, proxy: Proxy) -> dict[str, Any]:
    """The manifest; how many pods there are is the autoscaler's to say.

    Args:
        names: of the pipeline's manifests.
        image: of the edge.
        needs: what an edge takes.
        proxy: before it.
    """
    pod = {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER_ID,
            "runAsGroup": USER_ID,
            "fsGroup": USER_ID,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "terminationGracePeriodSeconds": _DRAINED_S + 10,
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": names.labels},
            }
        ],
        "containers": [_torchserve(image, needs), _proxy(proxy.memory_mib)],
        "volumes": [
            {"name": "run", "emptyDir": {"sizeLimit": f"{needs.files_mib}Mi"}},
            {"name": "proxy", "configMap": {"name": f"{names.base}-proxy"}},
            {"name": "secrets", "secret": {"secretName": names.base, "defaultMode": 0o440}},
        ],
    }
    spec = {
        "selector": {"matchLabels": names.labels},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "minReadySeconds": 5,
        "template": {"metadata": {"labels": names.labels}, "spec": pod},
    }
    return names.manifest("apps/v1", "Deployment", spec)


def _torchserve(image: str, needs: Resources) -> dict[str, Any]:
    """It is alive while its frontend calls itself healthy, however long its queue is."""
    return {
        "name": "torchserve",
        "image": image,
        "resources": {
            "requests": {"cpu": f"{needs.millicpu}m", "memory": f"{needs.memory_mib}Mi"},
            "limits": {"memory": f"{needs.most_memory_mib}Mi"},
        },
        "securityContext": _CONFINED,
        "startupProbe": {
            "exec": {"command": [*HEALTH_COMMAND]},
            "periodSeconds": 5,
            "timeoutSeconds": 5,
            "failureThreshold": 60,
        },
        "livenessProbe": {
            "httpGet": {"path": "/ping", "port": OPERATORS_PORT},
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "failureThreshold": 6,
        },
        "lifecycle": {"preStop": {"exec": {"command": ["sleep", str(_DRAINED_S)]}}},
        "volumeMounts": [{"name": "run", "mountPath": RUN}],
    }


def _proxy(memory_mib: int) -> dict[str, Any]:
    """It is ready while the edge answers frames: not while its queue is full, nor while it starts."""
    return {
        "name": "haproxy",
        "image": HAPROXY_IMAGE,
        "ports": [
            {"name": "devices", "containerPort": PORT},
            {"name": "grpc", "containerPort": GRPC_PORT},
            {"name": "operators", "containerPort": OPERATORS_PORT},
        ],
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": f"{memory_mib}Mi"}},
        "securityContext": _CONFINED,
        "readinessProbe": {
            "httpGet": {"path": "/ready", "port": "operators"},
            "periodSeconds": 2,
            "timeoutSeconds": 1,
            "failureThreshold": 1,
        },
        "livenessProbe": {"tcpSocket": {"port": "operators"}, "periodSeconds": 10, "failureThreshold": 3},
        # The image is told to stop by SIGUSR1: connections end with the answer that they wait for.
        "lifecycle": {"preStop": {"exec": {"command": ["sleep", str(_UNTIL_NOBODY_COMES_S)]}}},
        "volumeMounts": [
            {"name": "proxy", "mountPath": HAPROXY_FILE, "subPath": "haproxy.cfg", "readOnly": True},
            {"name": "secrets", "mountPath": SECRETS, "readOnly": True},
        ],
    }
