"""The device: does what it is told, with edgent's own runtime.

`python -m benchmarks.testbed.device.program SPEC INPUTS HTTP_URL GRPC_URL TOKEN_FILE`; each line of JSON
on its standard input is a command, see `Device`.
"""

import logging
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.testbed.conversation import converse, say
from benchmarks.testbed.device.dilation import Dilation
from benchmarks.testbed.device.load import put_load
from benchmarks.testbed.device.pace import pace
from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.device.runtimes import (
    believed_link,
    late_probabilities,
    opened_on,
    plans_by_edge,
    settle,
)
from benchmarks.testbed.device.stock import StockClient
from benchmarks.testbed.device.streaming import arriving, played, stream
from benchmarks.testbed.quota.quota import SLICE_S
from benchmarks.testbed.trial import open_trial
from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import AddressBook
from device_runtime.exchange.edge_client import EdgeClient
from device_runtime.runtime import DeviceRuntime
from edgent.core.photo import Photo
from edgent.errors import EdgentError
from edgent.inputs import to_input
from edgent.planning.plan import Plan

GIVEN = "given"
"""The name of the runtime that does the plan that comes with a request."""
_WARM_UP_S = 60.0
_WARM_UP_PROBES = 2000  # until Java has compiled what it runs


class Device:
    """What the device can be told; every method answers with plain values for JSON."""

    def __init__(self, spec: Path, inputs: Path, urls: Mapping[str, str], token_file: Path) -> None:
        self._spec = spec
        self._network = open_trial(spec)
        self._inputs: np.ndarray = np.load(inputs)
        self._photos: Sequence[Photo] = ()
        self._inputs_of: dict[str, np.ndarray] = {}
        self._urls, self._token_file = urls, token_file
        self._interface, self._given_spec = "http", str(spec)
        self._dilation = Dilation()
        self._phase = random.Random(0)  # noqa: S311  no secret
        self._runtimes: dict[str, DeviceRuntime] = {}

    def handle(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Do one thing."""
        answer: dict[str, Any] = getattr(self, do)(**arguments)
        return answer

    def open(self, name: str, spec: str, interfaces: list[str]) -> dict[str, Any]:
        """Start a runtime that plans, as a user does: over the quickest interface of these.

        Given plans go its way, too.
        """
        if name in self._runtimes:
            self._runtimes.pop(name).close()
        grpc_url = self._urls["grpc"] if "grpc" in interfaces[1:] else None
        runtime = self._open(spec, inference_url=self._urls[interfaces[0]], grpc_url=grpc_url)
        self._runtimes[name] = runtime
        opened = opened_on(runtime)
        self._interface = next(name for name, url in self._urls.items() if url == opened["url"])
        return opened | {"interface": self._interface}

    def open_listed(self, name: str, spec: str) -> dict[str, Any]:
        """Start a runtime that plans for the edges that a spec lists, with the tokens that this names."""
        self._runtimes[name] = DeviceRuntime.open(spec, cache=self._spec.parent / "segments")
        return {"error": self._runtimes[name].edge_error}

    def plans_by_edge(self, runtime: str) -> dict[str, Any]:
        """The plan for each edge if it were the only one, by the edges' names."""
        return {"plans": plans_by_edge(self._runtimes[runtime])}

    def open_alone(self, name: str, spec: str, inputs: str) -> dict[str, Any]:
        """Start a runtime that never asks the edge, with inputs of its own."""
        deepest = open_trial(Path(spec)).graph.exit_names[-1]
        self._runtimes[name] = self._open(spec, plan=Plan.device_only(deepest))
        self._inputs_of[name] = np.load(inputs)
        return {}

    def take_given(self, spec: str) -> dict[str, Any]:
        """Carry given plans out with this spec from now on, in place of the trial's."""
        self._given_spec = spec
        return {}

    def speak(self, interface: str) -> dict[str, Any]:
        """Do given plans over this interface, and warm it up; `open` sets it to the quicker one."""
        self._interface = interface
        client = self._client(interface)
        deadline = Deadline.after(_WARM_UP_S, time.perf_counter)
        for _ in range(_WARM_UP_PROBES):
            client.probe(320, 64, deadline)
        client.close()
        return {}

    def infer(
        self, runtime: str, index: int, requirement_s: float | None = None, plan: str | None = None
    ) -> dict[str, Any]:
        """Answer one input."""
        answers = self._given() if runtime == GIVEN else self._runtimes[runtime]
        inputs = self._inputs_of.get(runtime, self._photos or self._inputs)
        image = inputs[index % len(inputs)]
        self._enter_slice()
        began_s = time.monotonic()
        answer = answers.infer(image, requirement_s, Plan.parse(plan) if plan else None)
        return Reply.of(answer, began_s).to_json()

    def take_photos(self, files: list[str]) -> dict[str, Any]:
        """Answer these photos from now on, each as a camera gives it: its pixels and its file are at hand."""
        photos = [to_input(file, self._network.spec) for file in files]
        self._photos = [photo for photo in photos if isinstance(photo, Photo) and photo.tensor.size]
        return {}

    def stock(self, photo: str) -> dict[str, Any]:
        """Let the stock classifier answer a photo's file."""
        picture = Path(photo).read_bytes()
        self._enter_slice()
        return asdict(self._stock.ask(picture))

    def dilate(self, factor: float) -> dict[str, Any]:
        """Take so many times as long for all that is computed from now on."""
        self._dilation.set_factor(factor)
        return {}

    def pace(self) -> dict[str, Any]:
        """Take as long as the device's profile says, for tails that are loaded from now on."""
        pace(self._network)
        return {}

    def stream(
        self,
        runtime: str,
        requirement_s: float,
        overlap: bool,
        plan: str | None = None,
        video: str | None = None,
        photos: list[str] | None = None,
        interval_s: float = 0.0,
    ) -> dict[str, Any]:
        """Answer a video, or photos that come into a folder; see `FrameReply`."""
        answers = self._runtimes[runtime]
        if video is not None:
            return stream(answers, played(video), sys.maxsize, requirement_s, plan, overlap)
        with arriving(photos or [], interval_s) as frames:
            return stream(answers, frames, len(photos or []), requirement_s, plan, overlap)

    def settle(self, runtime: str) -> dict[str, Any]:
        """Wait until nothing that a runtime began is under way any more."""
        settle(self._runtimes[runtime])
        return {}

    def link(self, runtime: str) -> dict[str, Any]:
        """The link as a runtime believes it to be now."""
        return {"link": believed_link(self._runtimes[runtime])}

    def late_probabilities(self, runtime: str) -> dict[str, Any]:
        """How likely each plan that needs the edge is late under the spec's requirement, by its name."""
        return late_probabilities(self._runtimes[runtime])

    def load(self, head: str, codec: str, devices: int, seconds: float) -> dict[str, Any]:
        """Stand for many devices that ask a head without a pause."""
        address = AddressBook(self._network).head(head)
        return asdict(put_load(lambda: self._client("http"), self._inputs, address, codec, devices, seconds))

    @cached_property
    def _stock(self) -> StockClient:
        return StockClient(self._urls["http"], self._token_file)

    def _given(self) -> DeviceRuntime:
        """The runtime for given plans over the interface of now."""
        name = f"{GIVEN} over {self._interface}"
        if name not in self._runtimes:
            device_only = Plan(self._network.graph.exit_names[-1], 0)
            url = self._urls[self._interface]
            self._runtimes[name] = self._open(self._given_spec, plan=device_only, inference_url=url)
        return self._runtimes[name]

    def _open(self, spec: str, **options: Any) -> DeviceRuntime:
        cache = self._spec.parent / "segments"
        return DeviceRuntime.open(spec, token_file=self._token_file, cache=cache, **options)

    def _client(self, interface: str) -> EdgeClient:
        return EdgeClient(self._urls[interface], token_file=self._token_file)

    def _enter_slice(self) -> None:
        """Be anywhere in a slice of the CPU quota: a program that was waiting is always at its beginning."""
        until_s = time.thread_time() + self._phase.uniform(0, SLICE_S)
        while time.thread_time() < until_s:
            pass


def main(spec: str, inputs: str, http_url: str, grpc_url: str, token_file: str) -> None:
    """Do what is asked until standard input ends."""
    try:
        # The link is in namespaces of its own, where nobody reads along: no warning for each runtime.
        logging.getLogger("device_runtime.edges.edge_opening").setLevel(logging.ERROR)
        urls = {"http": http_url, "grpc": grpc_url}
        device = Device(Path(spec), Path(inputs), urls, Path(token_file))
        say(ready=True)
        converse(device.handle)
    except EdgentError as error:
        say(failed=str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
