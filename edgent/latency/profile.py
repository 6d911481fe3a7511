"""What was measured on one node: segments, codecs and single operators, kept as readable YAML."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  pydantic reads the fields' types
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from edgent.errors import PlanError, StaleFileError
from edgent.generated_file import Provenance, Row, read_generated, write_generated
from edgent.latency.places import Node, Place
from edgent.latency.regression import Regressors  # noqa: TC001  as above
from edgent.latency.timing import Timing  # noqa: TC001  as above

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
WHAT = "profile"
_LONGEST_US = 3.6e9
_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class SegmentTiming:
    """One segment: its place, its file's bytes, microseconds to load it, and its timing."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    exit: str
    start: int
    stop: int
    file_bytes: int
    load_us: float
    timing: Timing


@dataclass(frozen=True)
class CodecTiming:
    """One codec's frames of one tensor: input codecs at partition point 0, activation codecs behind it.

    Attributes:
        exit, partition_point: where the tensor crosses, on the deepest path that has it.
        codec: its name.
        size_bytes: mean bytes of a frame, header included, over the samples.
        size_p95_bytes: 95th percentile of them.
        timing: of what this node does: the device writes inputs and reads activations, the edge the reverse.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    exit: str
    partition_point: int
    codec: str
    size_bytes: float
    size_p95_bytes: float
    timing: Timing


@dataclass(frozen=True)
class OperatorTiming:
    """One network of the operator grid."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: str
    timing: Timing


@dataclass(frozen=True)
class NodeProfile:
    """One node's times for one network.

    Attributes:
        node: ``device`` or ``edge``.
        made_by: provenance.
        threads: that onnxruntime computed with.
        providers: onnxruntime's execution providers.
        samples: how many inputs the codecs were given.
        blocks: how many blocks of runs make a whole profile; with fewer it was interrupted.
        segments: every segment that a plan can use on this node, and some more.
        codecs: input codecs at partition point 0, activation codecs behind it.
        operators: the grid of single operators.
        regressors: fitted to the above, by the name of their features.
        predicted_from: digest of the network whose profile predicted these times; empty when measured.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    node: Node
    made_by: Provenance
    threads: int
    providers: tuple[str, ...]
    samples: int
    blocks: int
    segments: tuple[SegmentTiming, ...]
    codecs: tuple[CodecTiming, ...]
    operators: tuple[OperatorTiming, ...]
    regressors: Mapping[str, Regressors] = field(default_factory=dict)
    predicted_from: str = ""

    @property
    def complete(self) -> bool:
        """Whether no block of runs is missing."""
        return all(len(row.timing.medians_us) >= self.blocks for row in self.rows)

    @property
    def rows(self) -> tuple[SegmentTiming | CodecTiming | OperatorTiming, ...]:
        """Everything that was timed."""
        return (*self.segments, *self.codecs, *self.operators)

    @cached_property
    def timing_by_place(self) -> Mapping[Place, Timing]:
        """The timing of each segment."""
        return {Place(row.exit, row.start, row.stop): row.timing for row in self.segments}

    @cached_property
    def codec_by_place(self) -> Mapping[tuple[str, int, str], CodecTiming]:
        """The timing and bytes of each codec, by (exit, partition point, codec)."""
        return {(row.exit, row.partition_point, row.codec): row for row in self.codecs}

    def timing(self, place: Place) -> Timing:
        """The timing of a segment.

        Raises:
            PlanError: it was not measured on this node.
        """
        found = self.timing_by_place.get(place)
        if found is None:
            raise PlanError(f"segment {place} was not measured on the {self.node}; {_again(self.node)}")
        return found

    def regressors_of(self, features: str) -> Regressors:
        """The regressors fitted to a set of features.

        Raises:
            PlanError: none were fitted.
        """
        found = self.regressors.get(features)
        if found is None:
            raise PlanError(
                f"the {self.node}'s profile has no regressors {features!r}; {_again(self.node)}, "
                "which fits them where scipy is installed"
            )
        return found

    def write(self, path: Path) -> None:
        """Write it as YAML, one line for each timing.

        Raises:
            StaleFileError: it cannot be written.
        """
        content: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name == "made_by":
                continue
            if one.name in {"segments", "codecs", "operators"}:
                value = [_row(asdict(row)) for row in value]
            elif one.name == "regressors":
                value = {name: _regressors(asdict(regressors)) for name, regressors in value.items()}
            elif one.name == "providers":
                value = list(value)
            content[one.name] = value
        write_generated(path, WHAT, FORMAT, self.made_by, content)


def read_profile(path: Path, node: Node, model_sha256: str) -> NodeProfile:
    """A node's profile of this very model.

    Raises:
        StaleFileError: missing, malformed, of another format or node, or made for another model.
    """
    remedy = f"edgent profile SPEC --node {node}"
    made_by, content = read_generated(path, WHAT, FORMAT, model_sha256, remedy)
    adapter = TypeAdapter(NodeProfile)
    try:
        profile = adapter.validate_python({**content, "made_by": made_by})
        for row in profile.rows:
            _check(row.timing)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise StaleFileError(f"{path}: {where}: {first['msg']}; run `{remedy}`") from None
    except ValueError as error:
        raise StaleFileError(f"{path}: {error}; run `{remedy}`") from None
    if profile.node != node:
        raise StaleFileError(
            f"{path} is the profile of the {profile.node}, not of the {node}; run `{remedy}`"
        )
    return profile


def with_timings(profile: NodeProfile, timings: Mapping[Any, Timing]) -> NodeProfile:
    """The profile with other timings, by the row without its own."""
    return replace(
        profile,
        segments=tuple(replace(row, timing=timings[task_of(row)]) for row in profile.segments),
        codecs=tuple(replace(row, timing=timings[task_of(row)]) for row in profile.codecs),
        operators=tuple(replace(row, timing=timings[task_of(row)]) for row in profile.operators),
    )


def task_of(row: SegmentTiming | CodecTiming | OperatorTiming) -> tuple[object, ...]:
    """What a row times: its place, with its codec, or its name."""
    if isinstance(row, SegmentTiming):
        return ("segment", row.exit, row.start, row.stop)
    if isinstance(row, CodecTiming):
        return ("codec", row.exit, row.partition_point, row.codec)
    return ("operator", row.name)


def _again(node: str) -> str:
    return f"run `edgent profile SPEC --node {node}`"


def _check(timing: Timing) -> None:
    times = (*timing.medians_us, *timing.p95_us)
    if not timing.medians_us or len(timing.p95_us) != len(timing.medians_us):
        raise ValueError("a timing needs medians_us and p95_us, as many of one as of the other")
    if not all(0 < value < _LONGEST_US for value in times):
        raise ValueError(
            f"a timing of {min(times)} to {max(times)} µs; expected more than 0, less than an hour"
        )


def _row(value: dict[str, Any]) -> Row:
    timing = value.pop("timing")
    return Row(**value, timing=Row(**{name: _listed(part) for name, part in timing.items()}))


def _regressors(value: dict[str, Any]) -> dict[str, Any]:
    return {**value, "layers_ns": {kind: Row(terms) for kind, terms in value["layers_ns"].items()}}


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
