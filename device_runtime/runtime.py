"""The device's runtime: one input in, one answer out, with part of the network run on the edge."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from device_runtime.answer import Answer, Timeline
from device_runtime.deadline import Deadline
from device_runtime.edge_client import EdgeClient
from device_runtime.inputs import check_input
from device_runtime.tails import Tails
from edgent.errors import EdgeError, HeadRefusedError, PlanError
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_LONGEST_WAIT_S = 30.0


class DeviceRuntime:
    """Answers inputs for one pipeline.

    >>> runtime = DeviceRuntime.open("pipelines/alexnet.yaml")        # doctest: +SKIP
    >>> answer = runtime.infer(image, latency_requirement_s=0.1)      # doctest: +SKIP
    >>> answer.label, answer.plan, answer.latency_s, answer.met_requirement   # doctest: +SKIP
    """

    def __init__(self, network: Network, client: EdgeClient, plan: Plan | None = None) -> None:
        """Prepare the local path and the plan's tail.

        Args:
            network: the declared network.
            client: talks to the edge.
            plan: what to do with every input; edge-only at the deepest exit when None.

        Raises:
            PlanError: the network has no such exit or partition point, or the spec no such codec.
        """
        self.network = network
        self._client = client
        self._tails = Tails(network)
        deepest = network.graph.paths[-1]
        self.plan = plan or Plan(deepest.exit_name, len(deepest.layers))
        self.check_plan(self.plan)
        self._tails.load(deepest.index, 0)
        path = network.graph.path_of(self.plan.exit)
        if self.plan.partition_point < len(path.layers):
            self._tails.load(path.index, self.plan.partition_point)

    @classmethod
    def open(
        cls,
        spec_file: str | Path,
        *,
        plan: Plan | None = None,
        inference_url: str | None = None,
        token_file: Path | None = None,
        cache: Path | None = None,
    ) -> DeviceRuntime:
        """Start from a spec.

        Args:
            spec_file: the pipeline's YAML file.
            plan: fixes the plan for every input.
            inference_url: replaces the spec's.
            token_file: replaces the spec's.
            cache: folder for cut segments.

        Raises:
            SpecError: the spec is wrong.
            ModelError: the ONNX file is not what the spec declares.
            PlanError: the plan does not fit the network.
        """
        network = Network.open(read_spec(spec_file), cache)
        edge = network.spec.edge
        client = EdgeClient(
            inference_url or edge.inference_url,
            network.graph.sha256,
            token_file=token_file or (network.spec.resolve(edge.token_file) if edge.token_file else None),
            ca_file=network.spec.resolve(edge.ca_file) if edge.ca_file else None,
        )
        return cls(network, client, plan)

    def check_plan(self, plan: Plan) -> None:
        """Whether the network can do what a plan says.

        Raises:
            PlanError: it cannot; the message says what there is.
        """
        self.network.graph.path_of(plan.exit).cut(plan.partition_point)
        codecs = self.network.spec.codecs
        if plan.partition_point == 0:
            return
        for kind, codec, built_in in (
            ("input", plan.input_codec, (*codecs.input, "raw", "float32")),
            ("activation", plan.activation_codec, (*codecs.activation, "float32")),
        ):
            if codec not in built_in:
                known = ", ".join(sorted(set(built_in)))
                raise PlanError(f"{plan}: no {kind} codec {codec!r} in this pipeline; there is {known}")

    def infer(
        self, image: np.ndarray, latency_requirement_s: float | None = None, plan: Plan | None = None
    ) -> Answer:
        """Answer one input.

        Args:
            image: shape (*input shape) or (1, *input shape), of the spec's element type.
            latency_requirement_s: seconds until the answer is wanted; the spec's when None.
            plan: what to do with this input; the runtime's when None.

        Raises:
            InputError: the input has another shape or element type. Nothing else: a failing edge is an
                answer from the local path, with the reason in it.
        """
        started_s = time.perf_counter()
        tensor = check_input(np.asarray(image), self.network.spec)
        requirement_s = latency_requirement_s or self.network.spec.latency_requirement_s
        wanted = plan or self.plan
        deadline = Deadline.after(max(_LONGEST_WAIT_S, requirement_s))
        try:
            logits, timeline = self._follow(wanted, tensor, deadline)
            done, edge_error = wanted, None
        except EdgeError as error:
            done, edge_error = Plan(wanted.exit, 0), f"{type(error).__name__}: {error}"
            logits, timeline = self._follow(done, tensor, deadline)
        shifted = np.exp(logits - logits.max())
        class_index = int(logits.argmax())
        return Answer(
            label=self.network.spec.input.labels[class_index],
            class_index=class_index,
            confidence=float(shifted[class_index] / shifted.sum()),
            logits=logits,
            plan=done,
            wanted=wanted,
            latency_s=time.perf_counter() - started_s,
            latency_requirement_s=requirement_s,
            timeline=timeline,
            edge_error=edge_error,
        )

    def _follow(self, plan: Plan, tensor: np.ndarray, deadline: Deadline) -> tuple[np.ndarray, Timeline]:
        """Logits of a plan, shape (classes,), and where the time went."""
        path = self.network.graph.path_of(plan.exit)
        point = plan.partition_point
        if point == 0:
            began_s = time.perf_counter()
            logits = self._tails.run(path.index, 0, tensor)[0]
            return logits, Timeline(tail_s=time.perf_counter() - began_s)
        head = self.network.graph.head_name(self.network.spec.name, path.index, point)
        edge_only = point == len(path.layers)
        codec = "float32" if edge_only else plan.activation_codec
        answer = self._client.ask(head, tensor, plan.input_codec, codec, deadline)
        cut = path.cut(point)
        if answer.tensor.shape != (1, *cut.shape) or answer.tensor.dtype != cut.dtype:
            raise HeadRefusedError(
                f"{head} answered with {answer.tensor.dtype} of shape {answer.tensor.shape}, "
                f"the tail takes {cut.dtype} of shape {(1, *cut.shape)}"
            )
        began_s = time.perf_counter()
        logits = self._tails.run(path.index, point, answer.tensor)[0]
        return logits, Timeline(
            encode_s=answer.encode_s,
            network_s=answer.exchange_s - answer.compute_s,
            edge_s=answer.compute_s,
            decode_s=answer.decode_s,
            tail_s=time.perf_counter() - began_s,
            sent_bytes=answer.sent_bytes,
            received_bytes=answer.received_bytes,
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def __enter__(self) -> DeviceRuntime:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
