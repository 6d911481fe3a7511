"""Runs ONNX files node by node as they are written, so that cuts can be compared to the bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from edgent.graph.segments import Segments

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.graph.branchy_graph import BranchyGraph


def run(model: Path, values: np.ndarray, output: str | None = None, *, fuse: bool = False) -> np.ndarray:
    """Run an ONNX file on one thread; with or without onnxruntime's fusions of neighbouring nodes."""
    options = onnxruntime.SessionOptions()
    if not fuse:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    (answer,) = session.run([output] if output else None, {session.get_inputs()[0].name: values})
    return np.asarray(answer)


def check_every_cut(graph: BranchyGraph, cache: Path, batches: tuple[int, ...]) -> None:
    """Head then tail gives the whole network's bits, for every exit at every cut and batch."""
    segments = Segments(graph, cache)
    for batch in batches:
        noise = np.random.default_rng(batch).normal(scale=50, size=(batch, *graph.input_shape))
        images = np.abs(noise).astype(graph.input_dtype)
        for path in graph.paths:
            whole = run(graph.path, images, path.exit_name)
            for point in path.partition_points:
                values = run(segments.head(path.index, point), images) if point else images
                assert values.shape == (batch, *path.cut(point).shape)
                assert values.dtype == path.cut(point).dtype
                if point < len(path.layers):
                    values = run(segments.tail(path.index, point), values)
                np.testing.assert_array_equal(values, whole)
