"""What a TorchServe that runs already needs, and the commands that register archives there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.edge.configuration import USUAL_FRAME_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgent.edge.configuration import ServedModel

REQUIREMENTS = (
    "numpy>=1.26",
    "onnxruntime>=1.21",
    "pillow>=11.3",
    'backports-zstd>=1.0; python_version < "3.14"',
)
"""What archives import beside themselves and the standard library."""


def needed_settings(models: Sequence[ServedModel]) -> dict[str, str]:
    """The lines of config.properties without which the archives could not be registered or not answer."""
    settings = {"enable_model_api": "true"}
    frame_bytes = max(model.frame_bytes for model in models)
    if frame_bytes > USUAL_FRAME_BYTES:
        settings |= {"max_request_size": str(frame_bytes), "max_response_size": str(frame_bytes)}
    return settings


def registration_commands(models: Sequence[ServedModel], management_url: str) -> list[str]:
    """A command for each archive, which the server finds in its model store.

    Args:
        models: what to register; the archive says under which version.
        management_url: of the server's management API.
    """
    return [
        _curl(
            "POST",
            f"{management_url}/models?url={model.mar.path.name}"
            f"&initial_workers={model.workers}&synchronous=true",
        )
        for model in models
    ]


def removal_commands(
    gone: Sequence[ServedModel], stays: Sequence[ServedModel], management_url: str
) -> Iterator[str]:
    """The commands that take other versions out of a server.

    TorchServe refuses to unregister the default version of a name, which is the one that was registered
    first. So another one is made the default before, but only where one of these is: on a shared server it
    may be a model of somebody else's, whose clients name no version.

    Args:
        gone: what to unregister.
        stays: what is registered beside it.
        management_url: of the server's management API.
    """
    newest = {model.name: model for model in stays}
    for model in gone:
        if model.name in newest:
            default = _curl("GET", f"{management_url}/models/{model.name}")
            change = _curl("PUT", f"{management_url}/models/{newest[model.name].endpoint}/set-default")
            yield f"if {default} | grep -q {model.version}; then {change}; fi"
        yield _curl("DELETE", f"{management_url}/models/{model.endpoint}")


def _curl(method: str, url: str) -> str:
    return f'curl -X {method} -H "Authorization: Bearer $TOKEN" "{url}"'
