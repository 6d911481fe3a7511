"""A declared network: a spec together with the graph it declares, checked against each other."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from edgent.accuracy.codec_accuracy import chosen_input_codecs
from edgent.accuracy.exit_rule_file import read_exit_rule
from edgent.core.codecs import CODECS
from edgent.errors import ModelError
from edgent.feature_codecs import spec_feature_codecs
from edgent.graph.description import read_graph
from edgent.graph.segments import Segments
from edgent.graph.window import Window
from edgent.planning.stages import Jump, Stage, stages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from edgent.accuracy.exit_rule_file import CalibratedRule
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.feature_codec import FeatureCodec
    from edgent.graph.tensor import Tensor
    from edgent.planning.plan import Plan
    from edgent.spec import Pipeline

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Network:
    """What every command and both sides start from."""

    spec: Pipeline
    graph: BranchyGraph
    segments: Segments

    @classmethod
    def open(cls, spec: Pipeline, cache: Path | None = None) -> Network:
        """Read the spec's ONNX file, or what was cut from it, and check that it is what the spec declares.

        Args:
            spec: the pipeline.
            cache: folder for the graph's description and its segments, unless the spec names one; the user's
                cache folder when None.

        Raises:
            ModelError: no such file, no ONNX, or another digest, input or exits than declared.
        """
        file = spec.resolve(spec.model.file)
        declared, known = spec.model.sha256, None
        if spec.model.segments is not None:
            cache, known = spec.resolve(spec.model.segments), declared
        graph = _with_exit_names(read_graph(file, spec.exit_outputs, cache, known), spec)
        problems = []
        if declared is not None and declared != graph.sha256:
            problems.append(
                f"model.sha256: the file is {graph.sha256[:16]}…, the spec declares {declared[:16]}…: "
                f"restore the file, or write the new digest if the model was meant to change"
            )
        if spec.model.input != graph.input_name:
            problems.append(f"model.input: the graph's is {graph.input_name}, the spec's {spec.model.input}")
        if spec.input.shape != graph.input_shape:
            problems.append(
                f"input.shape: the graph's is {list(graph.input_shape)}, the spec's {list(spec.input.shape)}"
            )
        if spec.input.dtype != graph.input_dtype:
            problems.append(f"input.dtype: the graph's is {graph.input_dtype}, the spec's {spec.input.dtype}")
        for path in graph.paths if spec.output == "labels" else ():
            shape = path.cut(len(path.layers)).shape
            if shape != (len(spec.input.labels),):
                problems.append(
                    f"input.labels: {len(spec.input.labels)}, but {path.exit_name} has shape {list(shape)}; "
                    "write output: tensor where exits give no classes"
                )
        if problems:
            raise ModelError("\n".join(f"{spec.file}: {problem}" for problem in problems))
        segments = Segments(graph, cache)
        _LOG.info("model %s: sha256 %s…, cached in %s", file, graph.sha256[:16], segments.folder)
        return cls(spec, graph, segments)

    def by_edge(self) -> tuple[Network, ...]:
        """The same network once for each of the spec's edges, as if there were no other."""
        return tuple(replace(self, spec=self.spec.of_edge(edge)) for edge in self.spec.edges)

    @cached_property
    def exit_rule(self) -> CalibratedRule | None:
        """The spec's exit rule, read when first asked for; None where it has none.

        Raises:
            StaleFileError: it was not calibrated yet, or for something else.
        """
        return read_exit_rule(self.spec, self.graph.sha256)

    @cached_property
    def feature_codecs(self) -> Mapping[str, FeatureCodec]:
        """The spec's feature codecs by name, read when first asked for.

        Raises:
            SpecError: one is missing or damaged, or does not fit the network; the message has its line.
        """
        return spec_feature_codecs(self.spec, self.graph)

    def jumps(self, exit_name: str) -> tuple[Jump, ...]:
        """Where feature codecs stand on an exit's path.

        Raises:
            PlanError: no such exit.
            SpecError: as in `feature_codecs`.
        """
        return self._jumps[self.graph.path_of(exit_name).exit_name]

    @cached_property
    def _jumps(self) -> dict[str, tuple[Jump, ...]]:
        return {
            path.exit_name: tuple(
                Jump(codec.name, *points, is_up=codec.direction == "up")
                for codec in self.feature_codecs.values()
                if (points := codec.points(path)) is not None
            )
            for path in self.graph.paths
        }

    def stages(self, plan: Plan) -> tuple[Stage, ...]:
        """The stages of a plan.

        Raises:
            PlanError: no such exit.
            SpecError: as in `feature_codecs`.
        """
        return stages(plan, len(self.graph.path_of(plan.exit).layers), self.jumps(plan.exit))

    def asks_until(self, plan: Plan) -> int:
        """The last partition point at which exits are asked on the way of a plan that leaves early.

        Thresholds were found on what comes to the exits without loss, or in some input codecs. Where answers
        stay on the device, no exit is asked behind a crossing.

        Raises:
            PlanError: no such exit.
            SpecError: as in `feature_codecs`.
            StaleFileError: as in `exit_rule`.
        """
        last = len(self.graph.path_of(plan.exit).layers)
        if not plan.remote:
            return last
        known = self.exit_rule.codecs if self.exit_rule and plan.start == 0 else {}
        jumps = {jump.codec: jump for jump in self.jumps(plan.exit)}
        if plan.codec_up in jumps:
            return jumps[plan.codec_up].reads
        is_known = CODECS[plan.codec_up].lossless or plan.codec_up in known
        if not is_known or self.spec.placement.rules.answer_stays:
            return plan.start
        is_exact = plan.codec_down not in jumps and CODECS[plan.codec_down].lossless
        return last if is_exact else plan.stop

    def ends(self, plan: Plan) -> tuple[Tensor, Tensor]:
        """What goes up under a plan that asks the edge, and what comes down: codes where it says so.

        Raises:
            PlanError: no such exit or partition point.
            SpecError: as in `feature_codecs`.
        """
        path, codecs = self.graph.path_of(plan.exit), self.feature_codecs
        up, down = (codecs.get(name) for name in (plan.codec_up, plan.codec_down))
        return (
            up.code if up else path.cut(plan.start),
            down.code if down else path.cut(plan.stop),
        )

    def has_head(self, plan: Plan) -> bool:
        """Whether a plan's window is a head: from the network's input to a tensor of it."""
        return plan.remote and plan.start == 0 and plan.codec_down not in self.feature_codecs

    @cached_property
    def input_codecs(self) -> tuple[str, ...]:
        """The input codecs that the spec lists; where it leaves the choice, those that were chosen."""
        return self.spec.codecs.input or chosen_input_codecs(self.spec, self.graph.sha256)

    def head_of(self, plan: Plan) -> str | None:
        """The head that a plan asks, or the window where it starts inside the path; None when device-only.

        Raises:
            PlanError: no such exit or partition point.
        """
        if not plan.remote:
            return None
        path = self.graph.path_of(plan.exit)
        name = (
            Window.of(self.graph, path.index, plan.start, plan.stop).name(self.spec.name)
            if plan.start
            else self.graph.head_name(self.spec.name, path.index, plan.stop)
        )
        codes = (codec for codec in (plan.codec_up, plan.codec_down) if codec in self.feature_codecs)
        return "-".join((name, *codes))


def _with_exit_names(graph: BranchyGraph, spec: Pipeline) -> BranchyGraph:
    """The graph with its exits named as the spec names them, whatever its outputs are called."""
    if graph.exit_names == spec.exit_names:
        return graph
    paths = tuple(
        replace(path, exit_name=name) for path, name in zip(graph.paths, spec.exit_names, strict=True)
    )
    return replace(graph, paths=paths)
