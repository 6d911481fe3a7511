"""Device-edge co-inference on TorchServe, driven by declarative YAML pipelines.

>>> import edgent
>>> with edgent.open("pipelines/lenet.yaml") as runtime:                      # doctest: +SKIP
...     answer = runtime.infer(image, latency_requirement_s=0.1)
...     print(answer.label, answer.plan, answer.latency_s)

This file imports nothing but os until a name is asked for: every archive carries a copy of it, without what
lies behind those names.
"""

import os

# Before onnxruntime is imported: from 1.29 on it tells its maker about the machine and the networks on it.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

TYPE_CHECKING = False  # type checkers know the name; typing's would have to be imported
if TYPE_CHECKING:
    from device_runtime.runtime import DeviceRuntime
    from edgent.errors import EdgentError
    from edgent.network import Network
    from edgent.planning.plan import Plan
    from edgent.spec.read import read_spec
    from edgent.spec.schema import Pipeline

    open = DeviceRuntime.open  # noqa: A001  edgent.open reads as what it does
    __version__: str

__all__ = ["EdgentError", "Network", "Pipeline", "Plan", "__version__", "open", "read_spec"]

_HOMES = {
    "EdgentError": "edgent.errors:EdgentError",
    "Network": "edgent.network:Network",
    "Pipeline": "edgent.spec.schema:Pipeline",
    "Plan": "edgent.planning.plan:Plan",
    "open": "device_runtime.runtime:DeviceRuntime.open",
    "read_spec": "edgent.spec.read:read_spec",
}

if not TYPE_CHECKING:  # a type checker would believe in every name

    def __getattr__(name: str) -> object:
        """Import what is asked for."""
        from importlib import metadata  # noqa: PLC0415  see above
        from pkgutil import resolve_name  # noqa: PLC0415

        if name == "__version__":
            try:
                return metadata.version("edgent")
            except metadata.PackageNotFoundError:  # carried in an archive, or a mere checkout
                return "0+unknown"
        if name not in _HOMES:
            raise AttributeError(f"module 'edgent' has no attribute {name!r}")
        return resolve_name(_HOMES[name])


def __dir__() -> list[str]:
    """All names, also those that are not imported yet."""
    return sorted({*globals(), *__all__})
