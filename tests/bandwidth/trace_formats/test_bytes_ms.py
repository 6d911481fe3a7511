"""Logs of seconds, bytes and ms."""

import pytest

from edgent.bandwidth.trace_formats.bytes_ms import BytesMs
from edgent.bandwidth.trace_formats.registry import recognise
from edgent.errors import DataError

LOG = "1289406399 248456 992\n1289406400 148456 1002\n"


def test_bytes_over_ms() -> None:
    """A line ends at its time, as far as whole seconds tell: it begins no earlier than the last one ended."""
    assert recognise(LOG) == "bytes-ms"
    samples = BytesMs().parse(LOG)
    assert samples.bandwidth_bps == pytest.approx([248456 * 8 / 0.992, 148456 * 8 / 1.002])
    assert samples.start_s - samples.start_s[0] == pytest.approx([0, 0.992], abs=1e-6)
    jittered = BytesMs().parse("10 1000 900\n11 1000 2100\n14 1000 500\n")
    assert jittered.start_s == pytest.approx([9.1, 10.0, 13.5])


@pytest.mark.parametrize(
    "text", ["0 1 2\n", "0 1 2\n1 2 3\n9 3 4\n", "0 5 1000\n0 6 1000\n", "0 1 2\n1 x 3\n"]
)
def test_what_is_no_such_log(text: str) -> None:
    """The third column must be what passes between the lines."""
    assert not BytesMs().recognises(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1 5 1000\n2 5 0\n", "line 2: it covers 0 ms"),
        ("2 5 1000\n1 5 1000\n", "line 2: its time 1 s is before"),
    ],
)
def test_malformed_logs(text: str, problem: str) -> None:
    """The message gives the line."""
    with pytest.raises(DataError, match=problem):
        BytesMs().parse(text)
