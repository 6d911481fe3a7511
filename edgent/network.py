"""A declared network: a spec together with the graph it declares, checked against each other."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from edgent.accuracy.codec_accuracy import chosen_input_codecs
from edgent.errors import ModelError
from edgent.graph.description import read_graph
from edgent.graph.segments import Segments
from edgent.graph.window import Window

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.graph.branchy_graph import BranchyGraph
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
        """Read the spec's ONNX file and check that it is what the spec declares.

        Args:
            spec: the pipeline.
            cache: folder for the graph's description and its segments; the user's cache folder when None.

        Raises:
            ModelError: no such file, no ONNX, or another digest, input or exits than declared.
        """
        file = spec.resolve(spec.model.file)
        graph = _with_exit_names(read_graph(file, spec.exit_outputs, cache), spec)
        declared = spec.model.sha256
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
        if plan.start:
            return Window.of(self.graph, path.index, plan.start, plan.stop).name(self.spec.name)
        return self.graph.head_name(self.spec.name, path.index, plan.stop)


def _with_exit_names(graph: BranchyGraph, spec: Pipeline) -> BranchyGraph:
    """The graph with its exits named as the spec names them, whatever its outputs are called."""
    if graph.exit_names == spec.exit_names:
        return graph
    paths = tuple(
        replace(path, exit_name=name) for path, name in zip(graph.paths, spec.exit_names, strict=True)
    )
    return replace(graph, paths=paths)
