"""The version under which TorchServe serves what is made of a model, and under which devices ask for it."""

from __future__ import annotations

import re

_DIGITS = 12
_VERSION = re.compile(f"[0-9a-f]{{{_DIGITS}}}")


def served_version(model_sha256: str) -> str:
    """The version of everything made of one model: the first 12 digits of the model's digest.

    Archives of two versions of one network register side by side under it, and each device asks for its own
    (HTTP ``/predictions/NAME/VERSION``, gRPC ``model_version``).

    Args:
        model_sha256: digest of the network's ONNX file, hexadecimal.
    """
    return model_sha256[:_DIGITS]


def is_served_version(version: str) -> bool:
    """Whether a version has the form of those; that of a model of somebody else's hardly ever has."""
    return _VERSION.fullmatch(version) is not None
