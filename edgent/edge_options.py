"""Options of commands that ask an edge: its addresses, the token, and whom to believe that it is the edge."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from edgent.server_url import ServerUrl


def _url_of(protocol: str) -> Callable[[str | None], str | None]:
    """Refuses what is no URL of this protocol, as a spec does: devices and the doctor take the same."""

    def checked(url: str | None) -> str | None:
        if url is not None:
            ServerUrl.parse(url, protocol)
        return url

    return checked


UrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="EDGENT_INFERENCE_URL",
        callback=_url_of("http"),
        help="The edge's inference URL; by default the spec's.",
    ),
]
GrpcUrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="EDGENT_GRPC_URL",
        callback=_url_of("grpc"),
        help="The edge's gRPC URL; by default the spec's, or none if --url is given.",
    ),
]
ManagementUrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="EDGENT_MANAGEMENT_URL",
        callback=_url_of("http"),
        help="Management address; by default the spec's, or port 8081, if the server is on this machine.",
    ),
]
TokenFileOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="EDGENT_TOKEN_FILE",
        help="TorchServe's key_file.json, or a file with the token alone; by default the spec's.",
    ),
]
CaFileOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="EDGENT_CA_FILE",
        help="Certificate authority for https and grpcs, in PEM; by default the spec's, else the system's.",
    ),
]
