"""Inputs leave at exits inside the window, through a real TorchServe: the answer is that exit's.

Two shipped networks, over HTTP and gRPC; and photos in a lossy codec, for which the rule has thresholds of
its own. Which exit an input leaves at follows from what the unsplit network answers, and so do the logits,
within what windows differ by.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import onnxruntime
import pytest

from device_runtime import DeviceRuntime, Plan
from device_runtime.deadline import Deadline
from device_runtime.exchange.torchserve import TorchServeClient
from edgent.accuracy.codec_comparison import through_codec
from edgent.accuracy.exit_rule_file import CalibratedRule, ExitThreshold, SureInputs, ThresholdsFound
from edgent.core.codecs.codec import INPUT
from edgent.core.exit_rules.confidence import confidences
from edgent.core.exit_rules.registry import CONFIDENCES
from edgent.core.frame_exits import ExitsToAsk
from edgent.core.wire import Frame, window_identity, write_frame
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe
from edgent.errors import HeadRefusedError
from edgent.generated_file import Provenance
from edgent.network import Network
from edgent.spec import read_spec
from tests.cuts import noise
from tests.torchserve_fixtures import Edge, ended_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from device_runtime.answer import Answer

pytestmark = [pytest.mark.torchserve, pytest.mark.timeout(600)]

PIPELINES = Path(__file__).parents[2] / "pipelines"
CODECS_OF = {"lenet": ("raw",), "alexnet": ("raw", "jpeg")}
INTERFACES = ["inference", "grpc_inference"]
MEASURE = "entropy"
PATIENT_S = 60.0
SECTION = "exit_rule: {{measure: {measure}, loss: 0.1, confidence: 0.9, file: {name}-rule.yaml}}\n"


class Expected(NamedTuple):
    """What becomes of inputs that come in a codec.

    Attributes:
        answers: of the unsplit network. Shape (exits, n, classes).
        leaves: number of the exit at which each input leaves. Shape (n,).
        thresholds: of each exit but the last.
    """

    answers: np.ndarray
    leaves: np.ndarray
    thresholds: list[float]


class Ruled(NamedTuple):
    """A shipped network with a rule by which some of its inputs leave at every exit.

    Attributes:
        network: with the rule.
        images: its inputs.
        expected: what becomes of them, by codec.
    """

    network: Network
    images: np.ndarray
    expected: dict[str, Expected]

    def plans(self) -> Iterator[Plan]:
        """The whole path, one that goes on behind the last early exit, and one that begins inside."""
        *_, early, deepest = self.network.graph.paths
        last = len(deepest.layers)
        yield from (Plan(deepest.exit_name, last, codec, leaves_early=True) for codec in self.expected)
        yield Plan(deepest.exit_name, early.leaves_after, leaves_early=True)
        yield Plan(deepest.exit_name, last - 1, start=1, leaves_early=True)


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ruled]:
    """Both networks; each exit takes the surest quarter of those that come."""
    folder = tmp_path_factory.mktemp("ruled")
    return {name: _ruled(name, codecs, folder) for name, codecs in CODECS_OF.items()}


def _ruled(name: str, codecs: Sequence[str], folder: Path) -> Ruled:
    """A copy of a pipeline; without profiles, by which only those exits would be asked that are worth it."""
    shutil.copytree(PIPELINES / name, folder / name)
    shipped = (PIPELINES / f"{name}.yaml").read_text(encoding="utf-8")
    spec = folder / f"{name}.yaml"
    unprofiled = "".join(line for line in shipped.splitlines(True) if not line.startswith("regressors:"))
    spec.write_text(unprofiled + SECTION.format(measure=MEASURE, name=name), encoding="utf-8")
    network = Network.open(read_spec(spec), folder / "cache")
    session = onnxruntime.InferenceSession(network.spec.resolve(network.spec.model.file))
    images, names = noise(network), network.graph.exit_names
    expected = {}
    for codec in codecs:
        given = {network.spec.model.input: through_codec(images, codec, INPUT)[0]}
        expected[codec] = _leaving(np.array(session.run(list(names), given)))
    raw, *lossy = (_found(names, one) for one in expected.values())
    made_by = Provenance.here_and_now(network.graph.sha256, "a test")
    by_codec = dict(zip(codecs[1:], lossy, strict=True))
    rule = CalibratedRule(
        made_by, MEASURE, 0.1, 0.9, len(images), "agreement", raw.exits, raw.together, by_codec
    )
    rule.write(folder / f"{name}-rule.yaml")
    return Ruled(network, images, expected)


def _leaving(answers: np.ndarray) -> Expected:
    leaves, thresholds = np.full(answers.shape[1], len(answers) - 1), []
    for number in range(len(answers) - 1):
        coming = np.flatnonzero(leaves == len(answers) - 1)
        sure = confidences(CONFIDENCES[MEASURE], answers[number])
        ranked = np.sort(sure[coming])[::-1]
        quarter = max(len(coming) // 4, 1)
        thresholds.append(float(ranked[quarter - 1 : quarter + 1].mean()))  # half way to the next one
        leaves[coming[sure[coming] > thresholds[-1]]] = number
    return Expected(answers, leaves, thresholds)


def _found(names: Sequence[str], expected: Expected) -> ThresholdsFound:
    together = (
        SureInputs((name,) * (name != names[-1]), int((expected.leaves == number).sum()), (0,) * len(names))
        for number, name in enumerate(names)
    )
    return ThresholdsFound(tuple(map(ExitThreshold, names, [*expected.thresholds, None])), tuple(together))


@pytest.fixture(scope="module")
def edge(ruled: dict[str, Ruled], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """Both pipelines, each with a worker; no head has one."""
    store = tmp_path_factory.mktemp("store")
    networks = {name: one.network for name, one in ruled.items()}
    heads = [plan_archives([network])[-1] for network in networks.values()]
    models = [replace(model, workers=0) for model in build_store(store, heads)]
    with TorchServe(store, models) as server, ended_at_once(server):
        served = Edge(server, networks)
        with served.workers(list(CODECS_OF)):
            yield served


@pytest.fixture(params=INTERFACES)
def interface(request: pytest.FixtureRequest) -> str:
    """By which the edge is asked."""
    return str(request.param)


@pytest.mark.parametrize("name", CODECS_OF)
def test_whichever_exit_answers_it_is_the_unsplit_networks(
    name: str, interface: str, ruled: dict[str, Ruled], edge: Edge
) -> None:
    """Each input leaves where the unsplit network's answers say, with that exit's logits."""
    subject = ruled[name]
    with DeviceRuntime.open(
        subject.network.spec.file,
        plan=next(subject.plans()),
        inference_url=getattr(edge.server.addresses, interface),
        token_file=edge.server.token_file,
        cache=subject.network.segments.folder.parent,
    ) as device:
        for plan in subject.plans():
            expected = subject.expected.get(plan.codec_up) or subject.expected["raw"]
            _wait_for_pieces(subject.images[int(expected.leaves.argmin())], device, plan)
            for number, image in enumerate(subject.images):
                answer, left_at = device.infer(image, PATIENT_S, plan), int(expected.leaves[number])
                _check(subject, plan, answer, left_at)
                np.testing.assert_allclose(
                    answer.logits, expected.answers[left_at, number], rtol=0, atol=1e-5, err_msg=str(plan)
                )


def _check(subject: Ruled, plan: Plan, answer: Answer, number: int) -> None:
    """The edge answered for the exit at which the input leaves, and said so."""
    deepest, path = subject.network.graph.paths[-1], subject.network.graph.paths[number]
    assert answer.edge_error is None
    assert answer.wanted == plan
    assert answer.left_early is (path != deepest)
    early = Plan(path.exit_name, len(path.layers), plan.codec_up, start=plan.start)
    assert answer.plan == (early if path != deepest else plan)
    assert answer.endpoint == subject.network.spec.name


def _wait_for_pieces(image: np.ndarray, device: DeviceRuntime, plan: Plan) -> None:
    """Ask with an input that leaves early until it does: until then the window is cold, or runs whole."""
    until_s = time.monotonic() + PATIENT_S
    while not device.infer(image, PATIENT_S, plan).left_early:
        assert time.monotonic() < until_s
        time.sleep(0.02)


def test_what_no_edge_answers(interface: str, ruled: dict[str, Ruled], edge: Edge) -> None:
    """An exit outside the window, a measure that nobody declares, two inputs: each says what it was."""
    network, images = ruled["lenet"].network, ruled["lenet"].images
    first, deepest = network.graph.paths
    sha256, fork, last = network.graph.sha256, first.leaves_after, len(deepest.layers)
    window, short = (
        window_identity(sha256, deepest.cut_tensor(0), deepest.cut_tensor(stop)) for stop in (last, 1)
    )
    branch = window_identity(sha256, first.cut_tensor(fork), first.cut_tensor(len(first.layers)))
    cases = [
        (images[:1], short, ExitsToAsk(MEASURE, (branch,), (0.5,)), "does not pass the exit"),
        (images[:1], window, ExitsToAsk(MEASURE, (bytes(8),), (0.5,)), "no such exit"),
        (images[:1], window, ExitsToAsk("entropie", (branch,), (0.5,)), "did you mean 'entropy'?"),
        (images[:2], window, ExitsToAsk(MEASURE, (branch,), (0.5,)), "one input at a time, not of 2"),
    ]
    client = TorchServeClient(getattr(edge.server.addresses, interface), token_file=edge.server.token_file)
    for tensor, identity, exits, reason in cases:
        request = write_frame(Frame(tensor, "raw", identity, "float32", exits=exits))
        with pytest.raises(HeadRefusedError, match=reason):
            client.predict("lenet", request, Deadline.after(PATIENT_S))
    client.close()
