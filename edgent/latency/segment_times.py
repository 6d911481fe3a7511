"""How long any segment of a path takes on a node: measured as it stands, else predicted from what was.

Two segments end to end take longer than one that runs all their layers: there is one call more, and what
crosses the **joint** is written out and read again. A joint takes the median of what measured segments of one
and two layers on either side take more than those of both together, and a call at least. A call is what the
quickest of all measured segments takes, a layer that has next to nothing to do.

The prediction is the median of three, so that one that is far off does not count:

- **difference**: layers [a, b) take what the head to b takes and that to a does not, and the joint at a; on
  the device what the tail from a takes and that from b does not, and the joint at b. Two long times that are
  nearly the same make a noisy difference.
- **pieces**: what measured segments take that lie end to end from a to b, less their joints; of all ways to
  lay them the quickest.
- **regressors**: the sum over the layers, where regressors were fitted. They know no network by heart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgent.latency.features import segment_features
from edgent.latency.places import Place
from edgent.latency.prediction import FEATURES

if TYPE_CHECKING:
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.exit_path import ExitPath
    from edgent.latency.places import Node
    from edgent.latency.profile import NodeProfile
    from edgent.latency.regression import Regressors
    from edgent.planning.costs import BoolArray, FloatArray

_SHORT = 2  # layers on either side of a cut


def segment_times(profile: NodeProfile, graph: BranchyGraph, path: ExitPath) -> tuple[FloatArray, BoolArray]:
    """Seconds of layers [a, b) of a path, and which of them were measured.

    Args:
        profile: of the edge with every head of the path, or of the device with every tail.
        graph: the network.
        path: one of its exits', of N layers.

    Returns:
        Seconds, 0 where a >= b, and whether they were measured. Shape (N + 1, N + 1) each, by a and b.
    """
    measured_s = _measured_s(profile, graph, path)
    call_s = min(row.timing.time_s for row in profile.segments)
    joint_s = _joints_s(measured_s, call_s)
    ways = [_differences_s(measured_s, joint_s, profile.node), _pieces_s(measured_s, joint_s)]
    if FEATURES in profile.regressors:
        ways.append(_regressed_s(profile.regressors[FEATURES], path))
    measured: BoolArray = ~np.isnan(measured_s)
    ahead = np.triu(np.ones_like(measured), 1)
    seconds = np.where(measured, measured_s, 0.0)
    unmeasured = ahead & ~measured
    predicted_s = _median(np.array([way[unmeasured] for way in ways]))
    seconds[unmeasured] = np.maximum(predicted_s, call_s)
    return seconds, measured


def _measured_s(profile: NodeProfile, graph: BranchyGraph, path: ExitPath) -> FloatArray:
    """Measured seconds, not a number elsewhere. Shape (N + 1, N + 1)."""
    points = len(path.layers) + 1
    measured_s = np.full((points, points), np.nan)
    for place, timing in profile.timing_by_place.items():
        start, stop = place.start, place.stop
        if start < stop < points and Place.of(graph, path.index, start, stop) == place:
            measured_s[start, stop] = timing.time_s
    return measured_s


def _joints_s(measured_s: FloatArray, call_s: float) -> FloatArray:
    """What it takes to make two segments of one, by the cut between them. Shape (N + 1,)."""
    joint_s = np.full(len(measured_s), call_s)
    for cut in range(1, len(measured_s) - 1):
        before, behind = slice(max(0, cut - _SHORT), cut), slice(cut + 1, cut + 1 + _SHORT)
        apart_s = measured_s[before, cut, None] + measured_s[cut, None, behind]
        extra_s = apart_s - measured_s[before, behind]
        if not np.isnan(extra_s).all():
            joint_s[cut] = max(call_s, float(_median(extra_s.reshape(-1, 1))[0]))
    return joint_s


def _median(values: FloatArray) -> FloatArray:
    """The median of each column's numbers, as `np.nanmedian` has it, which loads numpy.ma at every start.

    Args:
        values: shape (n, columns); each column holds a number.
    """
    ascending = np.sort(values, axis=0)  # what is no number comes last
    known = np.count_nonzero(~np.isnan(ascending), axis=0)
    middle = np.take_along_axis(ascending, np.stack([(known - 1) // 2, known // 2]), axis=0)
    median: FloatArray = middle.mean(axis=0)
    return median


def _differences_s(measured_s: FloatArray, joint_s: FloatArray, node: Node) -> FloatArray:
    """What a longer head, or tail, takes more than a shorter one. Shape (N + 1, N + 1)."""
    if node == "edge":
        head_s = np.nan_to_num(measured_s[0])
        longer_s, shorter_s = head_s, (head_s - joint_s)[:, None]
    else:
        tail_s = np.nan_to_num(measured_s[:, -1])
        longer_s, shorter_s = tail_s[:, None], tail_s - joint_s
    difference_s: FloatArray = longer_s - shorter_s
    return difference_s


def _pieces_s(measured_s: FloatArray, joint_s: FloatArray) -> FloatArray:
    """What measured segments end to end take, not a number where they leave gaps. Shape (N + 1, N + 1)."""
    piece_s = np.where(np.isnan(measured_s), np.inf, measured_s)
    best_s = piece_s.copy()
    for stop in range(2, len(piece_s)):
        joined_s = (best_s + piece_s[:, stop] - joint_s).min(axis=1)
        best_s[:, stop] = np.minimum(best_s[:, stop], joined_s)
    return np.where(np.isinf(best_s), np.nan, best_s)


def _regressed_s(regressors: Regressors, path: ExitPath) -> FloatArray:
    """What the regressors say. Shape (N + 1, N + 1)."""
    last = len(path.layers)
    call_s = regressors.predict_s(())
    alone_s = [regressors.predict_s(segment_features(path, at, at + 1)) for at in range(last)]
    behind_s = [0.0] + [
        regressors.predict_s(segment_features(path, at - 1, at + 1)[-1:]) - call_s for at in range(1, last)
    ]
    up_to_s = np.concatenate([[0.0], np.cumsum(behind_s)])
    first_s = np.array(alone_s) - behind_s
    regressed_s = np.full((last + 1, last + 1), np.nan)
    regressed_s[:-1] = first_s[:, None] + up_to_s[None, :] - up_to_s[:-1, None]
    return regressed_s
