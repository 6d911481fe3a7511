"""Which endpoints of a TorchServe have a worker that lives.

TorchServe answers alike, status and words, where an endpoint has no worker and where its queue is full. So
each worker of edgent's holds a shared lock of a file that stands for its endpoint, in the folder into which
TorchServe unpacks all archives. The kernel frees the lock when the worker ends, however it ends; the probe,
which has workers and a queue of its own, looks whether anybody holds it. It does so by taking the lock for
itself for a moment, and two probes at once would take each other for a worker: they take turns.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

try:
    from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock

    _HAS_LOCKS = True
except ImportError:  # Windows has none
    _HAS_LOCKS = False

_TURN = "edgent-probe.lock"
"""Whoever looks for workers holds its lock."""


def announce(context: Any) -> int | None:
    """Say that this process is a worker of its endpoint, for as long as it lives.

    Args:
        context: TorchServe's, of the archive that was loaded.

    Returns:
        the descriptor that holds the lock; None where that cannot be said.
    """
    if not _HAS_LOCKS:
        return None
    model = context.manifest["model"]
    file = _file(models_folder(context), f"{model['modelName']}/{model['modelVersion']}")
    try:
        held = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    try:
        flock(held, LOCK_SH)
    except OSError:
        os.close(held)
        return None
    return held


def models_folder(context: Any) -> Path:
    """The folder into which TorchServe unpacks all archives."""
    return Path(context.system_properties["model_dir"]).resolve().parent


def has_worker(models: Path, endpoint: str) -> bool | None:
    """Whether an endpoint has a worker that loaded its archive and lives; None where that cannot be told.

    Args:
        models: the folder of all unpacked archives.
        endpoint: NAME/VERSION, as devices ask for it.
    """
    if not _HAS_LOCKS:
        return None
    try:
        with _file(models, endpoint).open("rb") as file, (models / _TURN).open("ab") as turn:
            flock(turn, LOCK_EX)
            flock(file, LOCK_EX | LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False


def _file(models: Path, endpoint: str) -> Path:
    return models / f"edgent-worker-{hashlib.sha256(endpoint.encode()).hexdigest()[:16]}.lock"
