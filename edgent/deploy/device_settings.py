"""What a deployed device is told by its environment: where the edge is, what it trusts and shows there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.deploy.haproxy import GRPC_PORT, PORT
from edgent.host import authority
from edgent.server_url import ServerUrl, is_loopback

if TYPE_CHECKING:
    from edgent.spec import Pipeline


def names_edges(spec: Pipeline) -> bool:
    """Whether a spec itself says where its edges are on other machines."""
    return any(not is_loopback(ServerUrl.parse(edge.inference_url, "http").host) for edge in spec.edges)


def device_settings(spec: Pipeline, host: str, folder: str) -> dict[str, str]:
    """The variables of a device's environment.

    Without a host the device goes by the spec's own addresses, and by its authorities where it names any.

    Args:
        spec: the pipeline's.
        host: by which devices reach the edge that is deployed; empty for what the spec says.
        folder: where the device has ``tokens`` and ``ca.pem``.
    """
    settings = {"EDGENT_TOKEN_FILE": f"{folder}/tokens"}
    trusts_its_own = not host and names_edges(spec) and any(edge.ca_file for edge in spec.edges)
    if not trusts_its_own:
        settings["EDGENT_CA_FILE"] = f"{folder}/ca.pem"
    if host:
        settings["EDGENT_INFERENCE_URL"], settings["EDGENT_GRPC_URL"] = edge_urls(host)
    return settings


def edge_urls(host: str) -> tuple[str, str]:
    """Where devices reach an edge that is deployed, by HTTP and by gRPC."""
    return f"https://{authority(host, PORT)}", f"grpcs://{authority(host, GRPC_PORT)}"
