"""Many devices at one edge.

`python -m benchmarks.studies.comparison.load_program SPEC INPUTS URL TOKEN_FILE HEAD DEVICES SECONDS CODEC`.

Each of the devices keeps a connection and sends its next input as soon as it has the answer to the last. It
says the latencies, and how many requests were refused.
"""

import sys
import threading
import time
from pathlib import Path

import numpy as np

from benchmarks.testbed.conversation import say
from benchmarks.testbed.trial import open_trial
from device_runtime.deadline import Deadline
from device_runtime.edge_client import EdgeClient
from edgent.errors import EdgeError

_PATIENCE_S = 10.0
_WARM_UP = 0.2


def main(
    spec: str, inputs: str, url: str, token_file: str, head: str, devices: str, seconds: str, codec: str
) -> None:
    """Load the edge, say when the load is on, and what it was like at the end."""
    sha256 = open_trial(Path(spec)).graph.sha256
    tensors = np.load(inputs)[:, np.newaxis]
    latency_s: list[float] = []
    refused: list[str] = []
    began_s = time.perf_counter()
    counted_from_s, ends_s = began_s + _WARM_UP * float(seconds), began_s + float(seconds)

    def device(number: int) -> None:
        client = EdgeClient(url, sha256, token_file=Path(token_file))
        turn = number
        while time.perf_counter() < ends_s:
            frame = client.write_request(head, tensors[turn % len(tensors)], codec, "float32", _PATIENCE_S)
            sent_s = time.perf_counter()
            try:
                client.read_reply(head, client.exchange(head, frame, Deadline.after(_PATIENCE_S)))
            except EdgeError as error:
                refused.append(type(error).__name__)
                time.sleep(0.01)
            else:
                if sent_s >= counted_from_s:
                    latency_s.append(time.perf_counter() - sent_s)
            turn += 1
        client.close()

    threads = [threading.Thread(target=device, args=(number,)) for number in range(int(devices))]
    for thread in threads:
        thread.start()
    say(loading=True)
    for thread in threads:
        thread.join()
    say(latency_s=latency_s, refused=len(refused), seconds=(1 - _WARM_UP) * float(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
