"""The device: answers inputs with edgent's own runtime, on a link that it has to follow by itself.

`python -m benchmarks.studies.live.device_program SPEC INPUTS URL TOKEN_FILE HEAD...`; each line of JSON on
its standard input is a command, see `Device`. The heads are asked some hundred times first, so that Java has
compiled what it will.
"""

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.testbed.device.pace import pace
from benchmarks.testbed.conversation import converse, say
from benchmarks.testbed.trial import open_trial
from device_runtime.deadline import Deadline
from device_runtime.edge_client import EdgeClient
from device_runtime.runtime import DeviceRuntime
from edgent.errors import EdgentError
from edgent.latency.profile import NodeProfile, read_profile
from edgent.spec import read_spec

_WARM_UPS = 150
_WARM_UP_S = 60.0


class Device:
    """What the device can be told; every method answers with plain values for JSON."""

    def __init__(self, inputs: np.ndarray, url: str, token_file: Path) -> None:
        self._inputs = inputs
        self._url, self._token_file = url, token_file
        self._runtime: DeviceRuntime | None = None

    def handle(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Do one thing."""
        answer: dict[str, Any] = getattr(self, do)(**arguments)
        return answer

    def open(self, spec: str) -> dict[str, Any]:
        """Measure the link and start a runtime; what it knows of the link and of its own exits."""
        if self._runtime is not None:
            self._runtime.close()
        self._runtime = DeviceRuntime.open(
            spec,
            inference_url=self._url,
            token_file=self._token_file,
            cache=Path(spec).parent / "segments",
        )
        assert self._runtime.meter is not None, "the spec fixes no plan"
        return {
            "link": asdict(self._runtime.meter.link),
            "local_exits": [asdict(one) for one in self._runtime.local_exits.times()],
        }

    def infer(self, index: int) -> dict[str, Any]:
        """Answer one input."""
        runtime = self._runtime
        assert runtime is not None, "it has been opened"
        assert runtime.meter is not None, "the spec fixes no plan"
        began_s = time.monotonic()
        answer = runtime.infer(self._inputs[index % len(self._inputs)])
        return {
            "began_s": began_s,
            "latency_s": answer.latency_s,
            "predicted_s": answer.predicted_s,
            "plan": str(answer.plan),
            "wanted": str(answer.wanted),
            "edge_error": answer.edge_error,
            "switched": answer.switched,
            "state_changed": answer.state_changed,
            "bandwidth_bps": answer.bandwidth_bps,
            "round_trip_s": runtime.meter.link.round_trip_s,
            "edge_factor": answer.edge_factor,
            "device_factor": answer.device_factor,
            "network_s": answer.timeline.network_s,
            "edge_s": answer.timeline.edge_s,
            "tail_s": answer.timeline.tail_s,
            "logits": answer.logits.tolist(),
        }


def warm_up(spec: Path, inputs: np.ndarray, url: str, token_file: Path, heads: list[str]) -> None:
    """Ask every head and the probe a number of times.

    Raises:
        EdgeError: one does not answer.
    """
    network = open_trial(spec)
    client = EdgeClient(url, network.graph.sha256, token_file=token_file)
    deadline = Deadline.after(_WARM_UP_S)
    for number in range(_WARM_UPS):
        client.probe(4, 0, deadline)
        for head in heads:
            image = inputs[number % len(inputs)][None]
            client.exchange(head, client.write_request(head, image, "raw", "float32", 1.0), deadline)
    client.close()


def _profile(spec: Path) -> NodeProfile:
    """The device's profile, made for its slowness."""
    pipeline = read_spec(spec)
    assert pipeline.regressors is not None, "a live spec names its profiles"
    assert pipeline.model.sha256 is not None, "a pipeline with profiles names its network's digest"
    return read_profile(pipeline.resolve(pipeline.regressors.device), "device", pipeline.model.sha256)


def main(spec: str, inputs: str, url: str, token_file: str, *heads: str) -> None:
    """Do what is asked until standard input ends."""
    images = np.load(inputs)
    try:
        warm_up(Path(spec), images, url, Path(token_file), list(heads))
        pace(_profile(Path(spec)))
        say(ready=True)
        converse(Device(images, url, Path(token_file)).handle)
    except EdgentError as error:
        say(failed=str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
