"""Whether the edge's windows answer as the unsplit network does, and as the same segments do here."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from benchmarks.studies.windows.asking import EdgeWindows, Endpoint, each_interface
from benchmarks.studies.windows.chain import Chain
from benchmarks.studies.windows.places import Place, heads
from benchmarks.testbed.judge import Judge
from benchmarks.testbed.progress import Tell
from edgent.edge.torchserve import TorchServe
from edgent.network import Network

_HEADS_AT_ONCE = 6  # a worker costs 160 MB


@dataclass(frozen=True)
class Compared:
    """Answers by way of one window, of all inputs.

    Attributes:
        window: The exit and the layers that the edge ran.
        is_exact: Whether the edge's tensors are, bit for bit, what the same segment gives in this process.
        is_same_label: Whether every answer has the unsplit network's label.
        difference: The most by which an output differs from the unsplit network's.
        largest_output: The largest of the unsplit network's outputs in size.
    """

    network: str
    interface: str
    endpoint: Endpoint
    window: str
    is_exact: bool
    is_same_label: bool
    difference: float
    largest_output: float


@dataclass
class Subject:
    """A network under test.

    Attributes:
        chosen: The windows to ask for.
        inputs: Shape (n, *input shape).
    """

    network: Network
    chosen: Sequence[Place]
    inputs: np.ndarray
    chain: Chain = field(init=False)
    judge: Judge = field(init=False)

    def __post_init__(self) -> None:
        """Answer the inputs with the unsplit network."""
        self.chain = Chain(self.network)
        self.judge = Judge(self.network, self.inputs)

    @property
    def name(self) -> str:
        """The network's."""
        return self.network.spec.name

    def compare(self, windows: EdgeWindows, place: Place, interface: str, endpoint: Endpoint) -> Compared:
        """Layers before the window here, the window there, the rest here."""
        exact, answers = True, []
        for image in self.inputs[:, np.newaxis]:
            up = self.chain.before(place, image)
            down = windows.first_answer(place, up, endpoint).tensor
            exact &= np.array_equal(down, self.chain.window(place, up))
            answers.append(self.chain.after(place, down)[0])
        whole = self.judge.logits[place.path.exit_name]
        answered = np.stack(answers)
        return Compared(
            self.name,
            interface,
            endpoint,
            str(place),
            bool(exact),
            bool((answered.argmax(1) == whole.argmax(1)).all()),
            float(np.abs(answered - whole).max()),
            float(np.abs(whole).max()),
        )


def compare_all(server: TorchServe, subjects: Sequence[Subject], tell: Tell) -> list[Compared]:
    """Every chosen window over both interfaces: of the pipelines' endpoints, and heads of their own, too.

    Args:
        server: Has a worker for each pipeline, and the archives of all heads that were chosen.
        subjects: The networks.
        tell: Is told of the progress.
    """
    urls = {"HTTP": server.addresses.inference, "gRPC": server.addresses.grpc_inference}
    compared: list[Compared] = []
    for number, subject in enumerate(subjects):
        share = number / len(subjects)
        tell(f"{subject.name}, {len(subject.chosen)} windows of the pipeline's endpoint", share)
        for interface, windows in each_interface(subject.network, urls, server.token_file):
            compared += [subject.compare(windows, place, interface, "pipeline") for place in subject.chosen]
        named = heads(subject.network, subject.chosen)
        tell(f"{subject.name}, {len(named)} heads of their own endpoints", share)
        for group in _groups(list(named)):
            with workers(server, group):
                for interface, windows in each_interface(subject.network, urls, server.token_file):
                    among = [place for name in group for place in named[name]]
                    compared += [subject.compare(windows, place, interface, "own") for place in among]
    return compared


@contextmanager
def workers(server: TorchServe, names: Sequence[str]) -> Iterator[None]:
    """One worker for each of some heads for as long as the context lasts; they start side by side."""

    def scale(count: int) -> None:
        with ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(lambda name: server.management.scale(name, count), names))

    scale(1)
    try:
        yield
    finally:
        scale(0)


def _groups(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _HEADS_AT_ONCE):
        yield names[start : start + _HEADS_AT_ONCE]
