"""What a user says about trace files."""

import pytest

from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.errors import DataError


def test_options_as_a_command_line() -> None:
    """Only what was said."""
    assert str(ReadingOptions()) == ""
    assert (
        str(ReadingOptions("csv", up="ul:Mbps", interval_s=0.5))
        == " --format csv --up ul:Mbps --interval 0.5"
    )
    assert ReadingOptions(time="t").names_columns
    assert not ReadingOptions("csv").names_columns


def test_options_that_exclude_each_other() -> None:
    """One bandwidth or two; an interval of a millisecond to an hour."""
    with pytest.raises(DataError, match="--rate a is a bandwidth without a direction"):
        ReadingOptions(rate="a", down="b")
    for interval_s in (0.0, float("nan"), 1e6):
        with pytest.raises(DataError, match=r"--interval .* is outside 0.001 to 3600 s"):
            ReadingOptions(interval_s=interval_s)
