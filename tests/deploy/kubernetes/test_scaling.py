"""What an autoscaler is told, evaluated by Prometheus itself on made-up counts."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from edgent.deploy.kubernetes.names import Names
from edgent.deploy.kubernetes.scaling import late_query, waiting_query

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool (Prometheus) is not installed"
)

NAMES = Names("lenet")
OF_PODS = f'service="{NAMES.pods}"'


@pytest.mark.parametrize(
    ("waiting", "late_share", "told"),
    [(3, 0.25, 0.25), (3, 0.0, 0.0), (0, 0.25, 0.0)],
    ids=["late ones, others wait", "in time", "slow links alone"],
)
def test_what_is_told(tmp_path: Path, waiting: int, late_share: float, told: float) -> None:
    """So many microseconds in two pods' queues each second; late ones count while others wait."""
    late, in_time = 100 * late_share, 100 * (1 - late_share)

    def per_second(number: float) -> str:
        return f"0+{number:g}x300"

    responses = f'haproxy_server_http_responses_total{{{OF_PODS},proxy="edges"'
    series = {
        f'ts_queue_latency_microseconds{{{OF_PODS},pod="1"}}': per_second(waiting * 0.5e6),
        f'ts_queue_latency_microseconds{{{OF_PODS},pod="2"}}': per_second(waiting * 0.5e6),
        f'{responses},code="2xx"}}': per_second(in_time),
        f'{responses},code="5xx"}}': per_second(late),
        'ts_queue_latency_microseconds{service="another"}': per_second(9e6),
    }
    expected = {waiting_query(NAMES): float(waiting), late_query(NAMES): told}
    test = {
        "evaluation_interval": "1s",
        "tests": [
            {
                "interval": "1s",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [
                    {
                        "expr": query,
                        "eval_time": "200s",
                        "exp_samples": [{"labels": "{}", "value": value}],
                    }
                    for query, value in expected.items()
                ],
            }
        ],
    }
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(test), encoding="utf-8")
    done = subprocess.run(
        ["promtool", "test", "rules", "test.yaml"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
