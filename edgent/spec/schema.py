"""The sections of a pipeline spec, typed, strict and frozen."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from edgent.bandwidth.forecasts import FORECASTS
from edgent.core.nearest_name import nearest_name
from edgent.errors import SpecError
from edgent.planning.objective import Objective, ObjectiveName
from edgent.planning.placement import Placement
from edgent.planning.policies.registry import POLICIES, PolicyEntry
from edgent.spec.codecs_section import CodecsSection
from edgent.spec.exit_rule_section import ExitRuleSection
from edgent.spec.input_section import InputSection
from edgent.spec.named_path import named_path
from edgent.spec.node_sections import DeviceSection, EdgeSection
from edgent.spec.pattern import Pattern
from edgent.spec.registered_name import NameIn
from edgent.spec.section import Positive, Section, Share

SCHEMA_ID = "urn:edgent:pipeline:1"
"""Identifies the JSON Schema of version 1 of the spec."""
NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9_-]*$"
LONGEST_NAME = 64
_CARRIED = ("providers", "provider_options", "threads", "batch_size", "max_batch_delay_ms")
"""What an edge's section says that archives carry."""
Name = Annotated[
    str,
    Field(max_length=LONGEST_NAME),
    Pattern(NAME_PATTERN, "a letter, and then letters, digits, _ and -"),
]
"""A name that is fit for a URL, a file and a plan."""


def _is_for_replays(name: str, entry: PolicyEntry) -> str | None:
    return f"policy {name!r} knows the link's future and is for replays only" if entry.foresees else None


PolicyName = Annotated[str, NameIn(POLICIES, _is_for_replays)]
ForecastName = Annotated[str, NameIn(FORECASTS)]


class ModelSection(Section):
    """The network's ONNX file."""

    file: str = Field(min_length=1, description="path of the ONNX file, relative to the spec")
    sha256: Annotated[str, Pattern(r"^[0-9a-f]{64}$", "64 hexadecimal digits, in small letters")] | None = (
        Field(default=None, description="digest of the file; `edgent train` writes it")
    )
    input: str = Field(default="image", min_length=1, description="name of the graph's input")
    segments: str | None = Field(
        default=None,
        min_length=1,
        description="folder of segments that were cut before, in place of the ONNX file; `edgent bundle` "
        "writes it",
    )

    @model_validator(mode="after")
    def _segments_are_of_a_known_file(self) -> "ModelSection":
        if self.segments is not None and self.sha256 is None:
            raise ValueError("segments: write sha256, too: it says which network they were cut from")
        return self


class TrainingSection(Section):
    """For `edgent train` only; any other network brings its own ONNX file."""

    network: Annotated[str, Pattern(r"^[A-Za-z_][\w.]*$", "the name of a module")] = Field(
        description="module that defines the network"
    )
    dataset: str = Field(description="digits, cifar10, or a data set that a package adds")


class DataSection(Section):
    """Inputs: a folder, whose subfolders may be named for labels, or a .csv file that lists files."""

    train: str | None = Field(
        default=None,
        min_length=1,
        description="photos that `edgent exits` trains on: a folder, or a list",
    )
    held_out: str | None = Field(
        default=None,
        min_length=1,
        description="to measure on, none of it trained on; also an .npz file or a data set's name; labels "
        "are not needed",
    )


class ExitSection(Section):
    """One exit point."""

    name: Name = Field(description="name in plans and answers: a letter, then letters, digits, _ and -")
    output: str | None = Field(
        default=None, min_length=1, description="the graph's output that is the exit; `name` by default"
    )
    accuracy: Share | None = Field(
        default=None,
        description="on held-out data, or another measure; `edgent train` or `edgent evaluate` writes it",
    )


class RegressorsSection(Section):
    """What `edgent profile` measured on each node."""

    device: str = Field(min_length=1, description="path of the device's profile")
    edge: str = Field(min_length=1, description="path of the edge's profile")


class RangeSection(Section):
    """The links and requirements that plans are prepared for: warm heads, and the configuration map."""

    bandwidth_kbps: tuple[Positive, Positive] = Field(
        default=(50.0, 10_000.0), description="the slowest and the fastest link"
    )
    latency_requirements_ms: tuple[Positive, ...] = Field(
        default=(50.0, 100.0, 200.0, 500.0, 1000.0),
        min_length=1,
        max_length=100,
        description="the requirements of requests",
    )
    round_trip_ms: Positive = Field(default=2.0, description="time of an empty request")

    @field_validator("bandwidth_kbps")
    @classmethod
    def _ascending(cls, bounds: tuple[float, float]) -> tuple[float, float]:
        if bounds[0] > bounds[1]:
            raise ValueError(
                f"the range runs from {bounds[0]} down to {bounds[1]}: write the smaller bound first"
            )
        return bounds


class BandwidthSection(Section):
    """How the bandwidth behaves and how it is followed."""

    environment: Literal["static", "dynamic"] = Field(
        default="static", description="a steady link, or one whose bandwidth is followed"
    )
    policy: PolicyName | None = Field(
        default=None,
        description="dynamic only: how a plan follows from the forecast; hedged where device.hedge is on",
    )
    reward: Literal["accuracy", "paper"] = Field(
        default="accuracy",
        description="policy expected: exp(accuracy) of an answer in time, or the paper's, plus throughput",
    )
    forecast: ForecastName = Field(
        default="moving-average",
        description="dynamic only: what follows the bandwidth; paper: change-point",
    )
    map: str | None = Field(default=None, description="configuration map; `edgent map` writes it")
    probe_bytes_per_s: Positive = Field(
        default=4096.0, description="dynamic only: what probes may cost while the plan is device-only"
    )


class PlacementSection(Section):
    """Where an input, its answer and the work may be; plans that break a rule are never chosen."""

    input_stays: bool = Field(
        default=False,
        description="the input never goes to the edge, only what the device's first layers made of it; "
        "needs windows or feature codecs",
    )
    answer_stays: bool = Field(
        default=False, description="the edge never computes an answer: the device runs the last layers"
    )
    device_only: bool = Field(default=False, description="the edge is never asked")
    prefer: Literal["device", "edge"] | None = Field(
        default=None, description="of equally good plans the one with the least to do for the other node"
    )

    @property
    def rules(self) -> Placement:
        """What the edge may not see."""
        return Placement(self.input_stays, self.answer_stays, self.device_only)


class Pipeline(Section):
    """A whole pipeline spec."""

    model_config = ConfigDict(json_schema_extra={"$id": SCHEMA_ID, "title": "edgent pipeline"})

    version: Literal[1] = Field(description="of this format")
    name: Name = Field(description="of the pipeline; heads are named after it")
    model: ModelSection = Field(description="the network")
    input: InputSection = Field(description="what the network takes")
    training: TrainingSection | None = Field(default=None, description="what `edgent train` trains")
    data: DataSection = Field(default=DataSection(), description="inputs to train on and to measure on")
    exits: tuple[ExitSection, ...] = Field(
        min_length=1, max_length=64, description="the exit points, shallow to deep"
    )
    output: Literal["labels", "tensor"] = Field(
        default="labels",
        description="labels: an exit gives a number for each class; tensor: it is answered as an array, as "
        "maps, boxes and embeddings are",
    )
    codecs: CodecsSection = Field(default=CodecsSection(), description="how tensors may travel")
    exit_rule: ExitRuleSection | None = Field(
        default=None, description="lets inputs leave at an exit that is sure enough of its answer"
    )
    latency_requirement_ms: Positive = Field(default=100.0, description="of a request that names none")
    windows: bool = Field(
        default=False,
        description="let the edge run layers from the middle of a path, with the device's before and after",
    )
    objective: ObjectiveName = Field(
        default="accuracy",
        description="what plans in time are chosen for: the deepest exit, or the least of a cost",
    )
    least_accuracy: Share = Field(
        default=0.0,
        description="plans of less are taken only where no other one is in time; goes with other objectives "
        "than accuracy",
    )
    placement: PlacementSection = Field(
        default=PlacementSection(), description="what the edge may not see, and who should work"
    )
    latency: Literal["regressors", "measured"] = Field(
        default="measured", description="which times the planner believes"
    )
    regressors: RegressorsSection | None = Field(
        default=None, description="the nodes' profiles; `edgent profile` writes them"
    )
    range: RangeSection = Field(default=RangeSection(), description="what plans are prepared for")
    bandwidth: BandwidthSection = Field(
        default=BandwidthSection(), description="how the bandwidth behaves and is followed"
    )
    edge: EdgeSection = Field(default=EdgeSection(), description="where heads run")
    edges: tuple[EdgeSection, ...] = Field(
        default=(),
        min_length=1,
        max_length=16,
        description="where heads run, in several places; in place of `edge`",
    )
    device: DeviceSection = Field(default=DeviceSection(), description="how the device runs its part")

    _file: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _classes_have_names(self) -> "Pipeline":
        if self.output == "labels" and len(self.input.labels) < 2:
            raise ValueError(
                f"input.labels: {len(self.input.labels)} given, 2 are needed: name the classes there "
                "or in input.labels_file, or write output: tensor where the answers are no classes"
            )
        return self

    @model_validator(mode="after")
    def _is_possible(self) -> "Pipeline":
        starts_inside = self.windows or self.codecs.features
        if self.placement.input_stays and not (starts_inside or self.placement.device_only):
            raise ValueError(
                "placement.input_stays: without windows every plan that asks the edge sends it the input; "
                "write windows: true, codecs.features, or placement.device_only: true"
            )
        if self.exit_rule is not None and self.output != "labels":
            raise ValueError(
                f"exit_rule: with output: {self.output} no exit is sure of anything; leave one of them out"
            )
        if self.least_accuracy and self.objective == "accuracy":
            raise ValueError(
                f"least_accuracy: {self.least_accuracy:g} says nothing beside objective: accuracy, which "
                "takes the deepest exit in time; name another objective, or leave it out"
            )
        if self.bandwidth.policy is not None and not self.plans_for.is_usual:
            raise ValueError(
                f"bandwidth.policy: {self.bandwidth.policy} chooses by accuracy: leave it out, or leave "
                "objective and placement.prefer out"
            )
        return self

    @field_validator("edges")
    @classmethod
    def _are_apart(cls, edges: tuple[EdgeSection, ...]) -> tuple[EdgeSection, ...]:
        known = [edge.known_as for edge in edges]
        twice = sorted({name for name in known if known.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is listed more than once: give each edge another name")
        for edge in edges[1:]:
            unlike = [key for key in _CARRIED if getattr(edge, key) != getattr(edges[0], key)]
            if unlike:
                raise ValueError(
                    f"{', '.join(unlike)} of {edge.known_as} and of {known[0]} differ, but all edges serve "
                    "the same archives, which carry it: write the same for all"
                )
        return edges

    @model_validator(mode="after")
    def _has_edges(self) -> "Pipeline":
        """``edge`` is the first of ``edges``, whichever of the two was written."""
        if not self.edges:
            return self.model_copy(update={"edges": (self.edge,)})
        if "edge" in self.model_fields_set:
            raise ValueError("edges: edge is there, too; leave one of the two out")
        return self.model_copy(update={"edge": self.edges[0]})

    @field_validator("exits")
    @classmethod
    def _names_are_unique(cls, exits: tuple[ExitSection, ...]) -> tuple[ExitSection, ...]:
        for names in ([exit_.name for exit_ in exits], [exit_.output or exit_.name for exit_ in exits]):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{', '.join(twice)} is declared more than once")
        return exits

    @property
    def file(self) -> Path:
        """The spec's own file."""
        return self._file

    def resolve(self, path: str) -> Path:
        """A path that the spec names: see `named_path`.

        Raises:
            SpecError: it names the home of a user who has none here, or a variable that is not set.
        """
        return named_path(self._file, path)

    def of_edge(self, edge: EdgeSection) -> "Pipeline":
        """The same pipeline with one edge alone."""
        return self.model_copy(update={"edge": edge, "edges": (edge,)})

    @property
    def edge_profile(self) -> str | None:
        """Path of the profile of `edge`; None where the spec names no profiles."""
        return None if self.regressors is None else self.edge.profile or self.regressors.edge

    def edge_named(self, name: str) -> EdgeSection:
        """The edge of this name, or of this address where it has none.

        Raises:
            SpecError: there is none.
        """
        known = {edge.known_as: edge for edge in self.edges}
        if name not in known:
            raise SpecError(f"{self._file}: no edge {name!r}; {nearest_name(name, tuple(known))}")
        return known[name]

    @property
    def exit_names(self) -> tuple[str, ...]:
        """Exits, shallow to deep."""
        return tuple(exit_.name for exit_ in self.exits)

    @property
    def plans_for(self) -> Objective:
        """What plans in time are chosen for."""
        return Objective(self.objective, self.placement.prefer, self.least_accuracy)

    @property
    def held_out(self) -> str | None:
        """Where held-out data is: a path, or the name of a known data set; None where none is named."""
        return self.data.held_out or (self.training.dataset if self.training else None)

    @property
    def exit_outputs(self) -> tuple[str, ...]:
        """The graph's outputs that are the exits, shallow to deep."""
        return tuple(exit_.output or exit_.name for exit_ in self.exits)

    @property
    def mapped_requirements_s(self) -> tuple[float, ...]:
        """The requirements that a configuration map is made for, rising: the range's and the default."""
        listed_ms = {*self.range.latency_requirements_ms, self.latency_requirement_ms}
        return tuple(milliseconds / 1e3 for milliseconds in sorted(listed_ms))

    @property
    def latency_requirement_s(self) -> float:
        """The default latency requirement of a request, in seconds."""
        return self.latency_requirement_ms / 1000
