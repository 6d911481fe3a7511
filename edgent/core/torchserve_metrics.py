"""Tells TorchServe what a worker counted, for its own Prometheus endpoint.

A worker tells TorchServe its metrics by lines that it prints. A line for each request would wake a thread of
the server's with each, so sums are told once a second, by a thread that sleeps while nothing happens.
TorchServe adds up what all workers tell (``metrics_mode=prometheus``, ``model_metrics_auto_detect=true``).
"""

from __future__ import annotations

import logging
import socket
import time
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edgent.core.window_counts import Count, WindowCounts

_LOG = logging.getLogger(__name__)
_PERIOD_S = 1.0


def tell_torchserve(counts: WindowCounts) -> None:
    """Tell TorchServe all that is counted from now on, for as long as the process lives."""
    _LOG.setLevel(logging.INFO)  # the handler lets nothing but warnings through otherwise
    Thread(target=_tell_all, args=(counts,), name="metrics", daemon=True).start()


def _tell_all(counts: WindowCounts) -> None:
    host = socket.gethostname()
    while True:
        counts.wait()
        time.sleep(_PERIOD_S)  # before it tells: whoever was counted first is still being answered
        for line in metric_lines(counts.take(), host, int(time.time())):
            _LOG.info(line)


def metric_lines(counts: Mapping[Count, float], host: str, at_s: int) -> list[str]:
    """The lines that TorchServe 0.12 reads as increments of counters.

    Args:
        counts: increments by name and labels.
        host: that counts them.
        at_s: when, seconds since 1970.
    """
    return [
        f"[METRICS]{name}.Count:{increment:.9g}|#{_dimensions(labels)}|#type:COUNTER|#hostname:{host},{at_s}"
        for (name, labels), increment in counts.items()
    ]


def _dimensions(labels: Sequence[tuple[str, str]]) -> str:
    """Labels as TorchServe has them: a value with a colon in it would be lost."""
    return ",".join(f"{label}:{value.replace(':', ' ')}" for label, value in labels)
