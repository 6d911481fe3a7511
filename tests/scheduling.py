"""In which process of several (pytest-xdist) tests run, and in which order.

Those that share a TorchServe run in one. Files that start servers and processes come first: were they last, a
process could be left with a minute of them while the others have nothing to do.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest

# A folder or a file, and what its tests share: fixtures of a process are not seen by another.
_SHARING = {
    "tests/faults/": "a TorchServe under faults",
    "tests/system/test_bad_requests.py": "tiny_edge",
    "tests/fuzz/test_fuzzed_requests.py": "tiny_edge",
    "tests/system/test_pipeline_endpoint.py": "tiny_edge",
    "tests/system/test_traces_on_the_wire.py": "tiny_edge",
    "tests/edge/test_torchserve.py": "tiny_edge",
    "tests/cli/test_commands.py": "tiny_edge",
}
_LONG = ("torchserve", "slow", "root")
"""Marks of tests that take seconds."""


class ByServer(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no type information
    """Hands out tests file by file, or several at once where they share a server, in their order."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((shared for start, shared in _SHARING.items() if file.startswith(start)), file)


def sort_files(items: list[pytest.Item]) -> None:
    """Files with long tests first, then the others; those with many tests before those with few."""
    long = {item.path for item in items if any(item.get_closest_marker(name) for name in _LONG)}
    counts = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path not in long, -counts[item.path]))
