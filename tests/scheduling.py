"""Which tests run in one process where there are several (pytest-xdist): those that share a TorchServe."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

# A folder or a file, and what its tests share: fixtures of a process are not seen by another.
_SHARING = {
    "tests/faults/": "a TorchServe under faults",
    "tests/system/test_bad_requests.py": "tiny_edge",
    "tests/fuzz/test_fuzzed_requests.py": "tiny_edge",
    "tests/system/test_pipeline_endpoint.py": "tiny_edge",
    "tests/edge/test_torchserve.py": "tiny_edge",
    "tests/cli/test_commands.py": "tiny_edge",
}


class ByServer(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no type information
    """Hands out tests file by file, or several files at once where they share a server."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((shared for start, shared in _SHARING.items() if file.startswith(start)), file)
