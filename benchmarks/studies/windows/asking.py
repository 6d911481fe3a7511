"""Asks an edge for windows, as a device asks: by a head's own endpoint, or by its pipeline's."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from benchmarks.studies.windows.places import Place
from benchmarks.testbed.errors import TestbedError
from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import Address, AddressBook
from device_runtime.exchange.edge_client import EdgeClient
from edgent.core.codecs import CODECS
from edgent.errors import EdgeBusyError
from edgent.network import Network
from edgent.planning.plan import FLOAT32, RAW, Plan

Endpoint = Literal["own", "pipeline"]
_PATIENT_S = 60.0
_PAUSE_S = 2e-3


@dataclass(frozen=True)
class FirstAnswer:
    """What became of a window that was asked for until it answered.

    Attributes:
        tensor: The answer.
        after_s: Seconds from the first ask to the answer.
        refusals_s: Seconds that each refusal before it took.
    """

    tensor: np.ndarray
    after_s: float
    refusals_s: tuple[float, ...]


class EdgeWindows:
    """The windows of one network on one edge, over one of its interfaces."""

    def __init__(self, network: Network, url: str, token_file: Path | None) -> None:
        self._book = AddressBook(network)
        self._url, self._token_file = url, token_file
        self._client = self.new_client()

    def new_client(self) -> EdgeClient:
        """Another device's client of this edge."""
        return EdgeClient(self._url, token_file=self._token_file)

    def ask(self, place: Place, tensor: np.ndarray, endpoint: Endpoint = "pipeline") -> np.ndarray:
        """What a window makes of a tensor, which travels as it is both ways.

        Raises:
            EdgeBusyError: The window is being loaded.
            EdgeError: Another of its kinds.
        """
        address = self.address(place, endpoint)
        codec = RAW if place.is_head else CODECS.answering(FLOAT32, tensor.dtype)
        request = self._client.write_request(address, tensor, codec, FLOAT32, _PATIENT_S)
        reply = self._client.exchange(address, request, Deadline.after(_PATIENT_S))
        return self._client.read_reply(address, reply).tensor

    def first_answer(
        self,
        place: Place,
        tensor: np.ndarray,
        endpoint: Endpoint = "pipeline",
        meanwhile: Callable[[], object] = lambda: time.sleep(_PAUSE_S),
    ) -> FirstAnswer:
        """Ask for a window until it answers.

        Args:
            place: The window.
            tensor: What it takes, shape (batch, ...).
            endpoint: Whom to ask.
            meanwhile: Is called after each refusal.

        Raises:
            TestbedError: It was not ready within a minute.
            EdgeError: It failed.
        """
        refusals_s: list[float] = []
        began_s = asked_s = time.perf_counter()
        while True:
            try:
                answer = self.ask(place, tensor, endpoint)
                return FirstAnswer(answer, time.perf_counter() - began_s, tuple(refusals_s))
            except EdgeBusyError as error:
                refusals_s.append(time.perf_counter() - asked_s)
                if asked_s - began_s > _PATIENT_S:
                    raise TestbedError(f"{place} was not ready after {_PATIENT_S:.0f} s: {error}") from None
            meanwhile()
            asked_s = time.perf_counter()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def address(self, place: Place, endpoint: Endpoint) -> Address:
        """Where a window is asked: a head at its own endpoint, or any window at its pipeline's."""
        addresses = self._book.of(Plan(place.path.exit_name, place.stop, start=place.start))
        return addresses[0] if endpoint == "own" else addresses[-1]


def zeros(place: Place) -> np.ndarray:
    """Something that a window takes."""
    tensor = place.path.cut(place.start)
    return np.zeros((1, *tensor.shape), tensor.dtype)


def each_interface(
    network: Network, urls: dict[str, str], token_file: Path | None
) -> Iterator[tuple[str, EdgeWindows]]:
    """The windows of a network over each interface in turn, the connection closed behind it."""
    for interface, url in urls.items():
        windows = EdgeWindows(network, url, token_file)
        yield interface, windows
        windows.close()
