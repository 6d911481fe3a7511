"""What was measured on one node: segments, codecs and single operators, kept as readable YAML."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  pydantic reads the fields' types
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import ConfigDict, Field

from edgent.errors import PlanError, StaleFileError
from edgent.generated_file import STRICT, Provenance, Row, read_generated, write_generated
from edgent.latency.places import Node, Place
from edgent.latency.regression import Regressors  # noqa: TC001  as above
from edgent.latency.timing import Timing  # noqa: TC001  as above

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
WHAT = "profile"
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]


@dataclass(frozen=True)
class SegmentTiming:
    """One segment: its place, its file's bytes, microseconds to load it, and its timing."""

    exit: str
    start: Count
    stop: Count
    file_bytes: Count
    load_us: Annotated[float, Field(ge=0)]
    timing: Timing


@dataclass(frozen=True)
class CodecTiming:
    """One codec's frames of one tensor: input codecs at partition point 0, activation codecs behind it.

    Attributes:
        exit, partition_point: where the tensor crosses, on the deepest path that has it.
        codec: its name.
        size_bytes: mean bytes of a frame, header included, over the samples.
        size_p95_bytes: 95th percentile of them.
        timing: time of what this node does: the device writes what goes up and reads what comes down, the
            edge the other way round. Of the codec ``file`` both make an input of a photo's file.
        goes_up: whether it is an activation on its way up, as windows have it that start inside a path.
    """

    exit: str
    partition_point: Count
    codec: str
    size_bytes: Positive
    size_p95_bytes: Positive
    timing: Timing
    goes_up: bool = False

    @property
    def rises(self) -> bool:
        """Whether the tensor goes from the device to the edge, as inputs always do."""
        return self.goes_up or self.partition_point == 0


@dataclass(frozen=True)
class FeatureTiming:
    """A feature codec.

    Attributes:
        code: name of its code, which says of which training it is.
        size_bytes: mean bytes of a frame with a code, header included, over the samples.
        size_p95_bytes: 95th percentile of them.
        timing: time of what this node does: it runs the encoder and writes the frame, or reads the frame and
            runs the decoder.
    """

    code: str
    size_bytes: Positive
    size_p95_bytes: Positive
    timing: Timing


@dataclass(frozen=True)
class OperatorTiming:
    """One network of the operator grid."""

    name: str
    timing: Timing


TimingRow = SegmentTiming | CodecTiming | FeatureTiming | OperatorTiming


@dataclass(frozen=True)
class NodeProfile:
    """One node's times for one network.

    Attributes:
        node: ``device`` or ``edge``.
        made_by: what made the profile.
        threads: number of onnxruntime's threads.
        providers: onnxruntime's execution providers.
        samples: number of inputs that codecs were given; of activations perhaps fewer (`cut_activations`).
        blocks: number of blocks of runs in a whole profile; a profile with fewer was interrupted.
        segments: every segment that a plan can use on this node, and some more.
        codecs: input codecs at partition point 0, activation codecs behind it.
        operators: the grid of single operators.
        regressors: fitted to the above, by the name of their features.
        predicted_from: digest of the network whose profile predicted these times; empty when measured.
        features: the feature codecs.
        photo_pixels: mean pixels of the photos that the codec ``file`` was given; 0 where there were none.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    node: Node
    made_by: Provenance
    threads: Annotated[int, Field(ge=1)]
    providers: tuple[str, ...]
    samples: Annotated[int, Field(ge=1)]
    blocks: Annotated[int, Field(ge=1)]
    segments: tuple[SegmentTiming, ...]
    codecs: tuple[CodecTiming, ...]
    operators: tuple[OperatorTiming, ...]
    regressors: Mapping[str, Regressors] = field(default_factory=dict)
    predicted_from: str = ""
    features: tuple[FeatureTiming, ...] = ()
    photo_pixels: Annotated[float, Field(ge=0)] = 0.0

    @property
    def complete(self) -> bool:
        """Whether no block of runs is missing."""
        return all(len(row.timing.medians_us) >= self.blocks for row in self.rows)

    @property
    def rows(self) -> tuple[TimingRow, ...]:
        """Everything that was timed."""
        return (*self.segments, *self.codecs, *self.features, *self.operators)

    @cached_property
    def timing_by_place(self) -> Mapping[Place, Timing]:
        """The timing of each segment."""
        return {Place(row.exit, row.start, row.stop): row.timing for row in self.segments}

    @cached_property
    def codec_by_place(self) -> Mapping[tuple[str, int, str], CodecTiming]:
        """The timing and bytes of inputs that go up and activations that come down.

        By (exit, partition point, codec).
        """
        return {(row.exit, row.partition_point, row.codec): row for row in self.codecs if not row.goes_up}

    @cached_property
    def codec_up_by_place(self) -> Mapping[tuple[str, int, str], CodecTiming]:
        """The timing and bytes of activations that go up, where these were measured, by the same key."""
        return {(row.exit, row.partition_point, row.codec): row for row in self.codecs if row.goes_up}

    @cached_property
    def feature_by_code(self) -> Mapping[str, FeatureTiming]:
        """The timing and bytes of each feature codec, by the name of its code."""
        return {row.code: row for row in self.features}

    def timing(self, place: Place) -> Timing:
        """The timing of a segment.

        Raises:
            PlanError: it was not measured on this node.
        """
        timing = self.timing_by_place.get(place)
        if timing is None:
            raise PlanError(
                f"segment {place} was not measured on the {self.node}; run `{_remedy(self.node)}`"
            )
        return timing

    def regressors_of(self, features: str) -> Regressors:
        """The regressors fitted to a set of features.

        Raises:
            PlanError: none were fitted.
        """
        regressors = self.regressors.get(features)
        if regressors is None:
            raise PlanError(
                f"the {self.node}'s profile has no regressors {features!r}; run `{_remedy(self.node)}`, "
                "which fits them where scipy is installed"
            )
        return regressors

    def write(self, path: Path) -> None:
        """Write it as YAML, one line for each timing.

        Raises:
            StaleFileError: it cannot be written.
        """
        content = asdict(self)
        del content["made_by"]
        for name in ("features", "photo_pixels"):
            if not content[name]:
                del content[name]
        for name in {"segments", "codecs", "features", "operators"} & content.keys():
            content[name] = [Row(row) for row in content[name]]
        for regressors in content["regressors"].values():
            regressors["layers_ns"] = {kind: Row(terms) for kind, terms in regressors["layers_ns"].items()}
        write_generated(path, WHAT, FORMAT, self.made_by, content)


def read_profile(path: Path, node: Node, model_sha256: str) -> NodeProfile:
    """A node's profile of this very model.

    Raises:
        StaleFileError: missing, malformed, of another format or node, or made for another model.
    """
    remedy = _remedy(node)
    profile = read_generated(path, WHAT, FORMAT, model_sha256, remedy, NodeProfile)
    if profile.node != node:
        raise StaleFileError(
            f"{path} is the profile of the {profile.node}, not of the {node}; run `{remedy}`"
        )
    return profile


def goes_on(started: NodeProfile, profile: NodeProfile) -> bool:
    """Whether a profile was begun under the circumstances of another one: their times fit together."""
    same = all(
        getattr(started, name) == getattr(profile, name)
        for name in ("node", "threads", "providers", "samples", "blocks", "predicted_from")
    )
    same &= started.made_by.machine == profile.made_by.machine
    return same and started.made_by.versions == profile.made_by.versions


def with_timings(profile: NodeProfile, timings: Mapping[Any, Timing]) -> NodeProfile:
    """The profile with other timings, by the row without its own."""
    return replace(
        profile,
        segments=tuple(replace(row, timing=timings[task_of(row)]) for row in profile.segments),
        codecs=tuple(replace(row, timing=timings[task_of(row)]) for row in profile.codecs),
        operators=tuple(replace(row, timing=timings[task_of(row)]) for row in profile.operators),
        features=tuple(replace(row, timing=timings[task_of(row)]) for row in profile.features),
    )


def task_of(row: TimingRow) -> tuple[object, ...]:
    """What a row times: its place, with its codec, or its name."""
    if isinstance(row, SegmentTiming):
        return ("segment", row.exit, row.start, row.stop)
    if isinstance(row, CodecTiming):
        return ("codec up" if row.goes_up else "codec", row.exit, row.partition_point, row.codec)
    if isinstance(row, FeatureTiming):
        return ("feature", row.code)
    return ("operator", row.name)


def _remedy(node: Node) -> str:
    return f"edgent profile SPEC --node {node}"
