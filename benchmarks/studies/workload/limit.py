"""How far answers of the edge's are from what the link allows: T / T*, for frames of several sizes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.studies.comparison.limit import LimitRow, Parts, raw_round_trip_s, run_limit
from benchmarks.studies.comparison.methods import Choose, edge_only
from benchmarks.studies.workload.measure import Effort
from benchmarks.testbed.plan_costs import layers_by_exit
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import Rig
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.whole_file import whole_file

LIMIT_FILE = "limit.json"
_RATES_BPS = (100e3, 500e3, 1e6, 2e6, 20e6)
_KILOBYTE = 1000.0


def _of_a_kilobyte(costs: CostTable, _link: Link, _requirement_s: float) -> Plan:
    """What carries an input to the deepest exit in a frame of about 1 kB; the edge answers whole."""
    deepest = costs.exits[-1]
    layers = layers_by_exit(costs)[deepest]
    crosses = [
        k
        for k, plan in enumerate(costs.plans)
        if plan.remote and (plan.exit, plan.stop) == (deepest, layers) and not plan.leaves_early
    ]
    return costs.plans[min(crosses, key=lambda k: abs(float(costs.upload_bytes[k]) - _KILOBYTE))]


_FRAMES: Mapping[str, Choose] = {
    "the photo's own file": edge_only("file"),
    "JPEG, quality 75": edge_only("jpeg"),
    "JPEG, quality 30": edge_only("jpeg30"),
    "a code of 1 kB": _of_a_kilobyte,
}


@dataclass(frozen=True)
class Limits:
    """What was measured of the distance to the limit.

    Attributes:
        rows: A plan on a link each.
        digests: By name: what it was made with, as `benchmarks.studies.workload.digests` has it.
    """

    rows: Sequence[LimitRow]
    digests: Mapping[str, str]

    def write(self, file: Path) -> None:
        """Keep it, whole or not at all."""
        content = {"rows": [asdict(row) for row in self.rows], "digests": dict(self.digests)}
        with whole_file(file) as unfinished:
            unfinished.write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> "Limits":
        """What `write` kept."""
        content = json.loads(file.read_text(encoding="utf-8"))
        rows = [LimitRow(**{**row, "parts": Parts(**row["parts"])}) for row in content["rows"]]
        return cls(rows, content["digests"])


def measure_limits(rig: Rig, effort: Effort, tell: Tell) -> list[LimitRow]:
    """Measure the limit of plans with frames of several sizes.

    Args:
        rig: Whose `slowness` is that of its profile; its device is at full speed afterwards.
        effort: How much is asked.
        tell: Of progress.
    """
    rig.set_round_trip(0.0)
    rig.speed_up()
    round_trip_s = raw_round_trip_s(rig)
    return list(run_limit(rig, _FRAMES, round_trip_s, _RATES_BPS, effort.limit_answers, tell))
