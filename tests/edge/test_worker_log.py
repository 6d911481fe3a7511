"""Why a worker died, in a log of TorchServe's that has lines of several."""

from __future__ import annotations

from edgent.edge.worker_log import why_a_worker_died

CAUSE = "ModuleNotFoundError: No module named 'edgent.planning'"
RAISED = "edgent.errors.PluginError: codec 'half' (mine:HALF) cannot be loaded"
DIED = [
    "Backend worker process died.",
    "Traceback (most recent call last):",
    '  File "/tmp/models/1/edgent/core/registry.py", line 126, in _load',
    "    item: Item = entry.load()",
    CAUSE,
    "",
    "The above exception was the direct cause of the following exception:",
    "",
    "Traceback (most recent call last):",
    '  File "/site-packages/ts/model_service_worker.py", line 301, in <module>',
    "    worker.run_server()",
    RAISED,
]


def _log(endpoint: str, said: list[str]) -> str:
    start = "2026-11-28T09:00:00,123 [INFO ] "
    return "".join(f"{start}W-9000-{endpoint}-stdout MODEL_LOG - {line}\n" for line in said)


def test_the_cause_stands_before_what_it_led_to() -> None:
    """With the endpoint; what other workers and Java say beside it is left out."""
    log = (
        "WARNING: sun.reflect.Reflection.getCallerClass is not supported.\n"
        + _log("my_net_97d4c5e41a09", DIED)
        + _log("edgent-probe_1.0", ["Torch worker started."])
    )
    assert why_a_worker_died(log) == (
        f"the worker of my_net/97d4c5e41a09 died while it started:\n  {CAUSE}\n  {RAISED}"
    )


def test_a_traceback_that_is_still_being_written() -> None:
    """Nothing is said before it says what was raised."""
    assert why_a_worker_died(_log("net_0123456789ab", DIED[:4])) is None
    assert why_a_worker_died(_log("net_0123456789ab", DIED[:5])) is not None


def test_workers_that_live() -> None:
    """A warning or a traceback that a handler prints is no death."""
    said = ["Torch worker started.", "Traceback (most recent call last):", "  File", "ValueError: odd"]
    assert why_a_worker_died(_log("net_0123456789ab", said)) is None
    assert why_a_worker_died("") is None
