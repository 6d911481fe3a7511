"""What traces have to tell before a prior is fitted."""

import numpy as np
import pytest

from edgent.bandwidth.prior import fit_prior
from edgent.bandwidth.segments import offline_segments
from edgent.bandwidth.traces import BandwidthTrace
from edgent.errors import DataError


@pytest.mark.parametrize(("bandwidth_bps", "said"), [(0.0, "10 kbps or less,"), (2e6, "2,000 kbps,")])
def test_a_bandwidth_that_never_changes_is_said(bandwidth_bps: float, said: str) -> None:
    """Below the floor nothing is told apart, an outage least of all."""
    trace = BandwidthTrace("set/steady", np.arange(9.0), np.ones(9), np.full(9, bandwidth_bps))
    with pytest.raises(DataError, match=f"the traces stay at one bandwidth of {said}"):
        fit_prior(offline_segments(trace))
