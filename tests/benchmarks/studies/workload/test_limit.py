"""The distance to the limit: what is kept of it."""

from pathlib import Path

from benchmarks.studies.comparison.limit import LimitRow, Parts
from benchmarks.studies.workload.limit import Limits

ROW = LimitRow(1e6, "JPEG, 11 kB", "grpc", Parts(1e-3, 1e-4, 88e-3, 4e-3, 2e-3, 1e-3, 5e-4))


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    """Whole, and nothing unfinished is left beside it."""
    limits = Limits([ROW], {"sources": "ab"})
    limits.write(tmp_path / "limit.json")
    assert Limits.read(tmp_path / "limit.json") == limits
    assert [file.name for file in tmp_path.iterdir()] == ["limit.json"]
