"""Links on the command line."""

import pytest
import typer

from benchmarks.studies.static.__main__ import _rate_bps


def test_a_rate_is_typed_in_kbps() -> None:
    """Blanks between commas do no harm."""
    assert _rate_bps(" 50") == 50e3


@pytest.mark.parametrize("typed", ["abc", "", "-5", "0", "nan", "inf"])
def test_what_is_no_rate_is_named(typed: str) -> None:
    """Before anything is set up."""
    with pytest.raises(typer.BadParameter, match=f"'{typed}' is no rate, such as 50"):
        _rate_bps(typed)
