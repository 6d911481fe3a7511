"""The report of made-up measurements: a page that needs no other file."""

from pathlib import Path

from benchmarks.studies.comparison.limit import LimitRow, Parts
from benchmarks.studies.workload.answered import Measured
from benchmarks.studies.workload.page import write_page
from benchmarks.studies.workload.report import report
from edgent.network import Network
from edgent.spec import read_spec

LIMITS = [LimitRow(1e6, "JPEG, 11 kB", "grpc", Parts(1e-3, 1e-4, 88e-3, 4e-3, 2e-3, 1e-3, 5e-4))]
FLOWERS = Path(__file__).parents[4] / "pipelines" / "flowers.yaml"


def test_a_page_that_opens_from_disk(measured: Measured, tmp_path: Path) -> None:
    """With every sentence, table and picture; names of plans as they are."""
    made = report([measured], LIMITS, Network.open(read_spec(FLOWERS), tmp_path / "cache"))
    write_page(tmp_path / "report.html", made, "Two photos.")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 3
    assert all(fact.partition("'")[0] in page for fact in made.facts)
    assert "<td>exit6:p24-p45:p24-32ch:float32</td>" in page
    assert "Two photos." in page
    assert "<td>96.6 ms, 1.04</td>" in page
    assert "http" not in page.replace("data:image", "")
    assert len(made.records["answers"]) == sum(map(len, measured.answers.values()))
