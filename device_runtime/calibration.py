"""What each node takes now, relative to what its profile says: learnt from residuals, bounded."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from device_runtime.answer import Timeline
    from edgent.planning.cost_table import CostTable
    from edgent.planning.costs import FloatArray

_LEAST, _GREATEST = 0.2, 10.0
_MOST_EVIDENCE = 10.0  # requests: older ones fade
_KNOWN_EVIDENCE = 2.5
_FORGETTING = 0.02  # of a part's evidence with every request: what was slow once is tried again
_LATEST = 40  # answers whose spread counts
_FEWEST = 5
_IN_TIME = 0.95
_WIDEST = 1.25
_TELLING_SHARE = 0.1  # of the longest computation of a kind; what is shorter is mostly the call around it


class Calibration:
    """Corrects the candidates by what requests take here and now.

    Each tail, each head, and each codec that writes an input or reads an activation has a factor of its own
    once it was seen; until then it is taken to be like the others of its kind. What the runtime takes around
    them is added to every plan.
    """

    def __init__(self, profiled: CostTable) -> None:
        """Begin with what the profiles say.

        Args:
            profiled: every plan with its profiled times.
        """
        self.profiled = profiled
        places = list(zip(profiled.exit_index.tolist(), profiled.partition_point.tolist(), strict=True))
        self._tails = _Parts(places, profiled.device_s)
        self._heads = _Parts(places, profiled.edge_s)
        self._writers = _Parts([plan.input_codec for plan in profiled.plans], profiled.input_encode_s)
        codecs = [plan.activation_codec for plan in profiled.plans]
        self._readers = _Parts(list(zip(places, codecs, strict=True)), profiled.activation_decode_s)
        self._around_s = 0.0
        self._around_evidence = 0.0
        self._ratios: deque[float] = deque(maxlen=_LATEST)
        self._candidates: CostTable | None = profiled

    @property
    def device_factor(self) -> float:
        """Measured over profiled seconds of the device's segments, all in all."""
        return self._tails.of_all

    @property
    def edge_factor(self) -> float:
        """The same of the edge's."""
        return self._heads.of_all

    @property
    def candidates(self) -> CostTable:
        """Every plan with the times that it takes here and now; the same object until more is learnt."""
        if self._candidates is None:
            profiled = self.profiled
            self._candidates = replace(
                profiled,
                device_s=profiled.device_s * self._tails.factors(),
                edge_s=profiled.edge_s * self._heads.factors(),
                input_encode_s=profiled.input_encode_s * self._writers.factors() + self._around_s,
                activation_decode_s=profiled.activation_decode_s * self._readers.factors(),
            )
        return self._candidates

    def encode_s(self, plan: Plan) -> float:
        """Seconds that the device writes a plan's frame; 0 where it sends none.

        Raises:
            PlanError: it is none of the candidates.
        """
        k = self.candidates.index_of(plan)
        return float(self.candidates.input_encode_s[k]) if self.profiled.remote[k] else 0.0

    @property
    def spread(self) -> float:
        """How many times what was predicted 95 % of the latest answers kept to; 1 to 1.25."""
        if len(self._ratios) < _FEWEST:
            return 1.0
        ratio = sorted(self._ratios)[int(_IN_TIME * (len(self._ratios) - 1))]
        return min(max(ratio, 1.0), _WIDEST)

    def begin(self, runs_s: Mapping[str, Sequence[float]]) -> None:
        """Take in what the device's own exits took before the first request.

        Args:
            runs_s: seconds of some runs of whole paths, by exit.
        """
        for exit_name, seconds in runs_s.items():
            k = self.profiled.index_of(Plan(exit_name, 0))
            for measured_s in seconds:
                self._tails.observe(k, measured_s)
        self._candidates = None

    def observe(
        self, k: int, timeline: Timeline, around_s: float | None, predicted_s: float | None = None
    ) -> None:
        """Take in one answered request.

        Args:
            k: the candidate that answered.
            timeline: where its time went.
            around_s: seconds of the runtime around what is in the timeline; None when it waited for more.
            predicted_s: what it was predicted to take; None when another plan was. It counts once all parts
                of the plan have been seen some times: what comes before is for the factors to learn.
        """
        kinds = (self._tails, self._heads, self._writers, self._readers)
        known = all(parts.is_known(k) for parts in kinds)
        if around_s is not None and predicted_s and known:
            self._ratios.append((timeline.total_s + around_s) / predicted_s)
        seconds = (timeline.tail_s, timeline.edge_s, timeline.encode_s, timeline.decode_s)
        for parts, measured_s in zip(kinds, seconds, strict=True):
            parts.observe(k, measured_s)
        if around_s is not None:
            self._around_evidence = min(self._around_evidence + 1, _MOST_EVIDENCE)
            seen_s = around_s if self._around_evidence == 1 else min(around_s, 2 * self._around_s + 1e-4)
            self._around_s += (seen_s - self._around_s) / self._around_evidence
        self._candidates = None


class _Parts:
    """The parts of one kind, with a factor each: measured over profiled seconds.

    What a part is believed to take lies between what it showed itself and what its kind showed, which counts
    as one request.

    Attributes:
        of_all: the factor of the kind.
    """

    def __init__(self, part_of: Sequence[Hashable], profiled_s: FloatArray) -> None:
        """Begin with what the profile says.

        Args:
            part_of: which part each candidate has; shape (n_candidates,).
            profiled_s: seconds of it; shape (n_candidates,), 0 where it has none.
        """
        number = {part: n for n, part in enumerate(dict.fromkeys(part_of))}
        self._part_of = np.array([number[part] for part in part_of], dtype=np.int64)
        self._profiled_s = profiled_s
        self._telling_s = _TELLING_SHARE * float(profiled_s.max())
        self._own = np.ones(len(number))
        self._evidence = np.zeros(len(number))
        self.of_all = 1.0
        self._evidence_of_all = 1.0

    def factors(self) -> FloatArray:
        """The factor of each candidate's part. Shape (n_candidates,)."""
        factors: FloatArray = self._believed()[self._part_of]
        return factors

    def _believed(self) -> FloatArray:
        """The factor of each part. Shape (n_parts,)."""
        return (self.of_all + self._evidence * self._own) / (1.0 + self._evidence)

    def is_known(self, k: int) -> bool:
        """Whether candidate k's part was seen often enough to be believed, or there is none."""
        return bool(self._profiled_s[k] <= 0 or self._evidence[self._part_of[k]] >= _KNOWN_EVIDENCE)

    def observe(self, k: int, measured_s: float) -> None:
        """Take in what candidate k's part took; 0 where it has none, or it was not measured."""
        self._evidence *= 1.0 - _FORGETTING
        profiled_s = float(self._profiled_s[k])
        if profiled_s <= 0 or measured_s <= 0:
            return
        part = self._part_of[k]
        believed = float(self._believed()[part])
        # A single request, however cold it ran, speaks for at most twice or half of what is believed.
        ratio = min(max(measured_s / profiled_s, believed / 2, _LEAST), believed * 2, _GREATEST)
        self._evidence[part] = min(self._evidence[part] + 1.0, _MOST_EVIDENCE)
        self._own[part] += (ratio - self._own[part]) / self._evidence[part]
        if profiled_s >= self._telling_s:
            weight = profiled_s / (profiled_s + self._telling_s)
            self._evidence_of_all = min(self._evidence_of_all + weight, _MOST_EVIDENCE)
            self.of_all += weight / self._evidence_of_all * (ratio - self.of_all)
