"""What a TorchServe that runs already needs, and the commands that register archives there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.edge.configuration import USUAL_FRAME_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.edge.configuration import ServedModel

REQUIREMENTS = ("numpy>=1.26", "onnxruntime>=1.20", "pillow>=10.3", "zstandard>=0.22")
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
        models: what to register.
        management_url: of the server's management API.
    """
    return [
        f'curl -X POST -H "Authorization: Bearer $TOKEN" '
        f'"{management_url}/models?url={model.mar.path.name}&initial_workers={model.workers}&synchronous=true"'
        for model in models
    ]
