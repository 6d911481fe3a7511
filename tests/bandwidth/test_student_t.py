"""Student's t without scipy, against scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from edgent.bandwidth.student_t import student_t_cdf

VALUES = np.concatenate([np.linspace(-30, 30, 6001), np.sinh(np.linspace(-14, 14, 2001)), [-np.inf, np.inf]])


@given(degrees=st.floats(2, 1e6))
def test_within_a_millionth(degrees: float) -> None:
    """Everywhere, for any degrees of freedom from 2 up."""
    np.testing.assert_allclose(
        student_t_cdf(VALUES, degrees), stats.t.cdf(VALUES, degrees), atol=1e-6, rtol=0
    )


@pytest.mark.parametrize("degrees", [2.0, 3.0, 23.0])
def test_never_falls(degrees: float) -> None:
    """A distribution function, up to rounding."""
    assert np.all(np.diff(student_t_cdf(np.sort(VALUES), degrees)) >= 0)
