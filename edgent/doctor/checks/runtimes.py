"""Does this machine have the onnxruntime that the pipeline needs?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.doctor.finding import Finding

if TYPE_CHECKING:
    from edgent.doctor.observations import Observations


def check_runtime(seen: Observations) -> list[Finding]:
    """One onnxruntime is installed, and where the heads run it has their providers."""
    name, runtimes = "onnxruntime", seen.runtimes
    if runtimes is None:
        return []
    has = f"{runtimes.imported} with {', '.join(runtimes.providers)}"
    several = len(runtimes.installed) > 1
    which = f"{' and '.join(runtimes.installed)} lie over each other here; imported is {has}"
    missing = [name for name in seen.edge_providers if name not in runtimes.providers]
    remedy = (
        "keep one: pip uninstall onnxruntime onnxruntime-gpu, then pip install --no-deps onnxruntime-gpu for "
        "a GPU, or onnxruntime"
    )
    if missing and seen.on_this_host:
        lacks = f"edge.providers names {', '.join(missing)}, which is not here: {which if several else has}"
        return [Finding(name, "wrong", lacks, remedy)]
    if several:
        return [Finding(name, "warning", which, remedy)]
    return [Finding(name, "ok", has)]
