"""One worker that serves every window beside one of the whole network: memory, first answers, load."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.studies.windows.asking import EdgeWindows, zeros
from benchmarks.studies.windows.cold import Cold, ask_every_window, undisturbed_s
from benchmarks.studies.windows.memory import Memory
from benchmarks.studies.windows.places import Place, each_once, whole_path
from benchmarks.studies.windows.throughput import Pair, compare_throughput
from benchmarks.testbed.progress import Tell
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe
from edgent.network import Network

_WARM_UP_ASKS = 2000  # until Java has compiled what it runs


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes:
        windows: How many are asked for, all of them where there are fewer.
        pairs: Of runs of many devices.
        run_s: Seconds of such a run.
    """

    windows: int
    pairs: int
    run_s: float


@dataclass(frozen=True)
class Workers:
    """Memory of both workers, at one moment."""

    moment: str
    whole: Memory
    pipeline: Memory


@dataclass(frozen=True)
class Served:
    """What serving every window came to.

    Attributes:
        undisturbed_s: Seconds of requests for the warm window while nothing was loaded.
    """

    memory: Sequence[Workers]
    cold: Sequence[Cold]
    undisturbed_s: Sequence[float]
    pairs: Sequence[Pair]


def measure_serving(network: Network, inputs: np.ndarray, folder: Path, effort: Effort, tell: Tell) -> Served:
    """Serve a pipeline and its deepest exit's edge-only head with one worker each.

    Args:
        network: The pipeline's.
        inputs: What devices send, shape (n, *input shape).
        folder: Holds the archives meanwhile.
        effort: How much is measured.
        tell: Is told of the progress.
    """
    whole = whole_path(network)
    own, pipeline = whole.head_name(network), network.spec.name
    archives = [archive for archive in plan_archives([network]) if archive.name == own]
    # Nothing is loaded from the start: every window is cold.
    models = build_store(folder, [replace(archive, warm=False) for archive in archives])
    tell("TorchServe with two workers", 0.0)
    with ExitStack() as stack:
        server = stack.enter_context(TorchServe(folder, [replace(model, workers=1) for model in models]))
        windows = EdgeWindows(network, server.addresses.inference, server.token_file)
        stack.callback(windows.close)

        def memory(moment: str) -> Workers:
            pids = {name: server.management.worker_pids(name)[0] for name in (own, pipeline)}
            return Workers(moment, Memory.of(pids[own]), Memory.of(pids[pipeline]))

        samples = [memory("when ready")]
        last = Place(whole.path, whole.stop - 1, whole.stop)
        windows.first_answer(last, zeros(last))
        for _ in range(_WARM_UP_ASKS):
            windows.ask(last, zeros(last))
        at_ease_s = undisturbed_s(windows, last, 300)
        cold = [place for place in each_once(network) if place.ends != last.ends][: effort.windows]
        asked = ask_every_window(windows, last, cold, server.management.worker_pids(pipeline)[0], tell)
        for endpoint in ("own", "pipeline"):
            windows.first_answer(whole, zeros(whole), endpoint)
        samples.append(memory("every window was asked for"))
        addresses = windows.address(whole, "own"), windows.address(whole, "pipeline")
        pairs = compare_throughput(windows.new_client, inputs, *addresses, effort.pairs, effort.run_s, tell)
        samples.append(memory(f"{2 * effort.pairs} runs of many devices later"))
    return Served(samples, asked, at_ease_s, pairs)
