"""Which onnxruntime is installed on this machine, and which is imported where there are several."""

from __future__ import annotations

from importlib import metadata

import onnxruntime
from onnxruntime.capi import build_and_package_info

from edgent.doctor.observations import Runtimes


def installed_runtimes() -> Runtimes:
    """All distributions that bring the module onnxruntime: they overwrite each other's files.

    The last one that was installed is imported.
    """
    names = sorted({*metadata.packages_distributions().get("onnxruntime", ())})
    return Runtimes(
        installed=tuple(f"{name} {metadata.version(name)}" for name in names),
        imported=f"{build_and_package_info.package_name} {onnxruntime.__version__}",
        providers=tuple(onnxruntime.get_available_providers()),
    )
