"""The distance to the limit: which frame is the smallest, and what is kept."""

import json
from dataclasses import asdict
from pathlib import Path

from benchmarks.studies.comparison.limit import LimitRow, Parts
from benchmarks.studies.workload.limit import kept_limits

ROW = LimitRow(1e6, "JPEG, 11 kB", "grpc", Parts(1e-3, 1e-4, 88e-3, 4e-3, 2e-3, 1e-3, 5e-4))


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    """Nothing where nothing was measured."""
    assert kept_limits(tmp_path) == []
    (tmp_path / "limit.json").write_text(json.dumps([asdict(ROW)]), encoding="utf-8")
    assert kept_limits(tmp_path) == [ROW]
