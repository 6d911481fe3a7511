"""What an edge takes: memory by its archives and workers, processors by its workers' threads.

A worker with torch, onnxruntime and a small network was measured to take 300 MB, of which 160 are its own and
the others libraries that workers of a machine share; Java takes 120 MB when it is idle and 240 MB in use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.edge.configuration import java_heap_mib
from edgent.edge.pipeline_archive import windows_memory_bytes

if TYPE_CHECKING:
    from edgent.deploy.served_store import ServedStore
    from edgent.edge.configuration import ServedModel

_WORKER_MIB, _JAVA_MIB = 300, 256
_FILES_MIB = 64
"""Logs, sockets and what else TorchServe writes, beside the archives that it unpacks."""
_JAVA_AND_PROXY_MILLICPU = 500


@dataclass(frozen=True)
class Resources:
    """Of one edge.

    Attributes:
        memory_mib: what it takes in use.
        most_memory_mib: what it takes at most: every window loaded, Java's heap and its buffers full.
        millicpu: thousandths of a processor with which each worker can compute at once.
        files_mib: what it writes.
    """

    memory_mib: int
    most_memory_mib: int
    millicpu: int
    files_mib: int


def resources(served: ServedStore) -> Resources:
    """What the TorchServe of a store takes."""
    with_workers = [model for model in served.models if model.workers]
    workers = sum(model.workers for model in with_workers)
    weights_mib = sum(_mib(model.mar.size_bytes) * model.workers for model in with_workers)
    in_use_mib = _JAVA_MIB + _WORKER_MIB * workers + weights_mib
    windows_mib = sum(_mib(_windows_bytes(served, model)) * model.workers for model in with_workers)
    heap_mib = java_heap_mib(served.models)
    threads = served.network.spec.edge.threads
    return Resources(
        in_use_mib,
        in_use_mib + windows_mib + 2 * heap_mib,  # the heap, and as much again outside of it
        _JAVA_AND_PROXY_MILLICPU
        + 1000 * threads * sum(model.workers for model in with_workers if model.pipeline),
        _FILES_MIB + 2 * sum(_mib(model.mar.size_bytes) for model in served.models),
    )


def _windows_bytes(served: ServedStore, model: ServedModel) -> int:
    """What windows that are loaded later may take in each worker; a head has none."""
    is_pipeline = model.name == model.pipeline
    return windows_memory_bytes(served.network.spec, model.mar.size_bytes) if is_pipeline else 0


def _mib(size_bytes: int) -> int:
    return -(-size_bytes // (1 << 20))
