"""One machine: a proxy and its edges as containers, for `docker compose` or what else reads its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgent.deploy.haproxy import GRPC_PORT, OPERATORS_PORT, PORT, SECRETS, ProxiedEdge
from edgent.deploy.images import RUN, USER_ID
from edgent.edge.configuration import Addresses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.deploy.haproxy import Proxy
    from edgent.deploy.image_name import ImageName
    from edgent.deploy.resources import Resources

HAPROXY_IMAGE = "haproxy:2.6"
"""Of the version that the tests run."""
HAPROXY_FILE = "/usr/local/etc/haproxy/haproxy.cfg"
SECRET_FILES = {"tls.crt": "secrets/server.pem", "tls.key": "secrets/server.key", "tokens": "secrets/tokens"}
"""The names of secrets in a container, and their files: as `edgent tls` writes them, and the tokens."""
MOST_EDGES = 64
"""On one machine."""
METRICS_PORT = 8082
ADDRESSES = Addresses(
    inference="http://0.0.0.0:8080",
    grpc_inference="grpc://0.0.0.0:7070",
    metrics=f"http://0.0.0.0:{METRICS_PORT}",
)
"""Of an edge: on a network that only the proxy shares, and Prometheus where there is one."""
_READY = (
    f"exec 3<>/dev/tcp/127.0.0.1/{OPERATORS_PORT}; printf 'GET /ready HTTP/1.0\\r\\n\\r\\n' >&3; "
    "head -n 1 <&3 | grep -q ' 200 '"
)
_CONFINED = {
    "restart": "unless-stopped",
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
}


def proxied_edges(edges: int) -> list[ProxiedEdge]:
    """The edges by the names that they have on their network."""
    return [ProxiedEdge(f"edge{number}", f"edge{number}") for number in range(1, edges + 1)]


def compose_file(
    project: str, image: ImageName, proxy: Proxy, needs: Resources, user: tuple[int, int]
) -> dict[str, Any]:
    """The content of compose.yaml.

    Args:
        project: tells the containers of this deployment from those of others on the machine.
        image: the edge's.
        proxy: with its edges.
        needs: what each edge takes.
        user: numbers of the user and the group that may read the secrets' files: the proxy runs as these, for
            Docker gives a container the files as they are.
    """
    return {
        "name": project,
        "services": {
            "proxy": _proxy(proxy.edges, proxy.memory_mib, user),
            **{edge.name: _edge(str(image), needs) for edge in proxy.edges},
        },
        "networks": {"edges": {"internal": True}, "devices": {}},
        "secrets": {name: {"file": f"./{file}"} for name, file in SECRET_FILES.items()},
    }


def _proxy(edges: Sequence[ProxiedEdge], memory_mib: int, user: tuple[int, int]) -> dict[str, Any]:
    return {
        "image": HAPROXY_IMAGE,
        **_CONFINED,
        "user": f"{user[0]}:{user[1]}",
        "depends_on": [edge.name for edge in edges],
        "networks": ["devices", "edges"],
        "ports": [
            f"{PORT}:{PORT}",
            f"{GRPC_PORT}:{GRPC_PORT}",
            f"127.0.0.1:{OPERATORS_PORT}:{OPERATORS_PORT}",
        ],
        "volumes": [f"./haproxy.cfg:{HAPROXY_FILE}:ro"],
        "secrets": [{"source": name, "target": f"{SECRETS}/{name}"} for name in SECRET_FILES],
        "healthcheck": {"test": ["CMD", "bash", "-c", _READY], "interval": "5s", "timeout": "2s"},
        "stop_grace_period": "30s",
        "mem_limit": f"{memory_mib}m",
    }


def _edge(image: str, needs: Resources) -> dict[str, Any]:
    return {
        "image": image,
        "build": {"context": ".", "dockerfile": "Dockerfile.edge"},
        **_CONFINED,
        "networks": ["edges"],
        "tmpfs": [f"{RUN}:uid={USER_ID},gid={USER_ID},mode=0700,exec,size={needs.files_mib}m"],
        "mem_limit": f"{needs.most_memory_mib + needs.files_mib}m",
        "stop_grace_period": "10s",
    }
