"""Student's t distribution in numpy alone: a device has no scipy."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from edgent.bandwidth.traces import Floats

_KNOTS = np.sinh(np.linspace(-7.3, 7.3, 4801))
"""Where the distribution is tabulated: dense about 0, out to 740 standard units."""
_CHEBYSHEV_ANGLES = (np.arange(16) + 0.5) * np.pi / 16
_INVERSE_DEGREES = (1 + np.cos(_CHEBYSHEV_ANGLES)) / 4
"""Chebyshev nodes in [0, 1/2], the reciprocals of 2 to infinitely many degrees of freedom."""
_NODE_WEIGHTS = (-1.0) ** np.arange(16) * np.sin(_CHEBYSHEV_ANGLES)


def student_t_cdf(value: ArrayLike, degrees: float) -> Floats:
    """P(T <= value) for T of Student's t distribution, within 1e-6 of the truth.

    Args:
        value: Values of any shape; infinities are allowed.
        degrees: Degrees of freedom, 2 or more.
    """
    return np.interp(np.asarray(value, dtype=np.float64), _KNOTS, _table(degrees), left=0.0, right=1.0)


@lru_cache(maxsize=64)
def _table(degrees: float) -> Floats:
    """The distribution at the knots: Chebyshev interpolation in 1 / degrees, in barycentric form."""
    difference = 1 / degrees - _INVERSE_DEGREES
    nearest = int(np.abs(difference).argmin())
    at_node = difference[nearest] == 0
    share = np.eye(_INVERSE_DEGREES.size)[nearest] if at_node else _NODE_WEIGHTS / difference
    # Rounding must not let a distribution fall, nor pass 1.
    return np.minimum(np.maximum.accumulate(share / share.sum() @ _node_tables()), 1.0)


@lru_cache(maxsize=1)
def _node_tables() -> Floats:
    """The distribution for each node (rows) at each knot (columns), by quadrature between the knots.

    With t = sqrt(degrees) tan(angle) the density is proportional to cos(angle)^(degrees - 1).
    """
    point = np.sqrt(0.6) * np.array([-1.0, 0.0, 1.0])  # Gauss and Legendre's rule of three points
    point_weight = np.array([5.0, 8.0, 5.0]) / 9.0
    tables = []
    for degrees in (1 / _INVERSE_DEGREES).tolist():
        angle = np.arctan(_KNOTS / np.sqrt(degrees))
        half = np.diff(angle)[:, None] / 2
        middle = (angle[:-1, None] + angle[1:, None]) / 2
        cell = (np.cos(middle + half * point) ** (degrees - 1) * point_weight * half).sum(axis=1)
        # Beyond the last knot cos(angle) is nearly pi/2 - angle, whose power has a closed integral.
        tail = (np.pi / 2 - angle[-1]) ** degrees / degrees
        below = np.concatenate([[tail], tail + np.cumsum(cell)])
        tables.append(below / (below[-1] + tail))
    return np.array(tables)
