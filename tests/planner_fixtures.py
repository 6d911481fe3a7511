"""Random networks and links, exact in floating point, so that brute force must agree to the bit."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from edgent.bandwidth.traces import Floats
from edgent.planning.checked_exit import CheckedExit
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import CodecCosts, ExitCosts, InnerCosts, NetworkCosts
from edgent.planning.fallback import LocalExit
from edgent.planning.feature_costs import FeatureCosts
from edgent.planning.link import Link
from edgent.planning.plan_space import Candidate
from edgent.planning.stages import Jump
from edgent.planning.table_building import build_cost_table


@dataclass(frozen=True, eq=False)
class Network:
    """What the planner is given, kept beside what it makes of it."""

    exits: tuple[ExitCosts, ...]
    input_codecs: dict[str, CodecCosts]
    http_upload_bytes: int
    http_download_bytes: int
    asked: tuple[CheckedExit, ...] = ()

    @property
    def candidates(self) -> CostTable:
        """All of its candidates."""
        return self.table(None)

    @property
    def costs(self) -> NetworkCosts:
        """What every stage costs."""
        return NetworkCosts(self.exits, self.input_codecs, asked={"raw": self.asked} if self.asked else {})

    def table(self, space: Iterable[Candidate] | None) -> CostTable:
        """The table of some plans."""
        return build_cost_table(self.costs, self.http_upload_bytes, self.http_download_bytes, space)


# Multiples of 1/1024 s, whole bytes and bandwidths that are powers of two: sums and quotients are exact.
seconds = st.integers(0, 64).map(lambda n: n / 1024)
sizes = st.integers(0, 4096)
bandwidths = st.sampled_from([0.0, *(2.0**n for n in range(8, 24))])
accuracies = st.integers(0, 16).map(lambda n: n / 16)


@st.composite
def _exits(draw: st.DrawFn, name: str) -> ExitCosts:
    n_layers = draw(st.integers(1, 4))
    points = st.lists(seconds, min_size=n_layers + 1, max_size=n_layers + 1)
    frames = st.lists(sizes, min_size=n_layers + 1, max_size=n_layers + 1)
    lossy_pairs = draw(
        st.sets(st.sampled_from([("raw", "uint8"), ("jpeg", "float32"), ("jpeg", "uint8")]), max_size=3)
    )
    by_cut = st.lists(accuracies | st.just(math.nan), min_size=n_layers + 1, max_size=n_layers + 1)
    accuracy: dict[tuple[str, str], float | Floats] = {("raw", "float32"): draw(accuracies)}
    for pair in sorted(lossy_pairs):
        one_for_all = pair[1] == "float32" or draw(st.booleans())
        accuracy[pair] = draw(accuracies) if one_for_all else np.array(draw(by_cut))
    return ExitCosts(
        exit=name,
        accuracy=accuracy,
        head_s=np.array([0.0, *draw(points)[1:]]),
        tail_s=np.array([*draw(points)[1:], 0.0]),
        activation_codecs={
            "float32": CodecCosts(draw(frames)),
            "uint8": CodecCosts(draw(frames), draw(points), draw(seconds), lossless=False),
        },
    )


@st.composite
def _inner(draw: st.DrawFn, exit_: ExitCosts) -> ExitCosts:
    """The exit with windows that start inside its path."""
    points = exit_.layers + 1
    frames = st.lists(sizes, min_size=points, max_size=points)
    times = st.lists(seconds, min_size=points, max_size=points)
    inner = InnerCosts(
        device_s=np.array([draw(times) for _ in range(points)]),
        window_s=np.array([draw(times) for _ in range(points)]),
        device_measured=np.zeros((points, points), dtype=np.bool_),
        window_measured=np.zeros((points, points), dtype=np.bool_),
        codecs_up={
            "float32": CodecCosts(draw(frames), draw(seconds), draw(seconds)),
            "uint8": CodecCosts(draw(frames), draw(times), draw(seconds), lossless=False),
        },
    )
    inner.device_s[:] = np.triu(inner.device_s, 1)
    inner.window_s[:] = np.triu(inner.window_s, 1)
    features, leaves_after = draw(_features(exit_.layers)), draw(st.integers(0, exit_.layers))
    return replace(exit_, inner=inner, features=features, leaves_after=leaves_after)


@st.composite
def _features(draw: st.DrawFn, layers: int) -> dict[str, FeatureCosts]:
    """Up to two feature codecs of a path, where it has a cut that these can give."""
    features = {}
    for name in draw(st.sets(st.sampled_from(["f1", "f2"]))) if layers > 1 else ():
        gives, is_up = draw(st.integers(1, layers - 1)), draw(st.booleans())
        jump = Jump(name, draw(st.integers(0 if is_up else 1, gives)), gives, is_up)
        costs = draw(sizes), draw(seconds), draw(seconds), draw(accuracies)
        features[name] = FeatureCosts(jump, *costs, predicted=draw(st.booleans()))
    return features


@st.composite
def _networks(draw: st.DrawFn, windows: bool = False) -> Network:
    n_exits = draw(st.integers(1, 4))
    exits = tuple(draw(_exits(f"exit{number + 1}")) for number in range(n_exits))
    return Network(
        exits=tuple(draw(_inner(exit_)) for exit_ in exits) if windows else exits,
        input_codecs={
            "raw": CodecCosts(draw(sizes)),
            "webp": CodecCosts(draw(sizes), draw(seconds), draw(seconds)),
            "jpeg": CodecCosts(draw(sizes), draw(seconds), draw(seconds), lossless=False),
        },
        http_upload_bytes=draw(sizes),
        http_download_bytes=draw(sizes),
    )


@st.composite
def _asking(draw: st.DrawFn) -> Network:
    """A network of which some exits are asked; they leave the trunk one after the other."""
    network, asked, point, left = draw(_networks(windows=True)), list[CheckedExit](), 1, 16
    for number, exit_ in enumerate(network.exits[:-1]):
        last = min(other.layers for other in network.exits[number:]) - 1
        if point > last:
            break
        point, share = draw(st.integers(point, last)), draw(st.integers(0, left))
        left -= share
        if draw(st.integers(0, 3)):
            lost = {other.exit: draw(st.integers(-1, 2)) / 16 for other in network.exits[number + 1 :]}
            asked.append(CheckedExit(exit_.exit, point, share / 16, lost))
    return replace(network, asked=tuple(asked))


@pytest.fixture(scope="session")
def asking_networks() -> st.SearchStrategy[Network]:
    """Strategy: networks with windows where inputs may leave at exits on the way."""
    return _asking()


@pytest.fixture(scope="session")
def random_networks() -> st.SearchStrategy[Network]:
    """Strategy: networks of one to four exits with up to four layers each."""
    return _networks()


@pytest.fixture(scope="session")
def windowed_networks() -> st.SearchStrategy[Network]:
    """Strategy: the same, where the edge may run any window of a path."""
    return _networks(windows=True)


@pytest.fixture(scope="session")
def links() -> st.SearchStrategy[Link]:
    """Strategy: links, dead ones among them."""
    return st.builds(Link, seconds, bandwidths, bandwidths)


@pytest.fixture(scope="session")
def requirements() -> st.SearchStrategy[float]:
    """Strategy: latency requirements in seconds, tight to loose."""
    return st.integers(1, 4096).map(lambda n: n / 1024)


@pytest.fixture(scope="session")
def branchy() -> CostTable:
    """Two exits of three layers: an edge ten times as fast as the device, activations that shrink."""
    layers_s = np.array([0.0, 0.004, 0.008, 0.010])

    def one_exit(name: str, slower: float, accuracy: float) -> ExitCosts:
        return ExitCosts(
            exit=name,
            accuracy={("raw", "float32"): accuracy, ("raw", "uint8"): accuracy - 0.01},
            head_s=slower * layers_s / 10,
            tail_s=slower * (layers_s[-1] - layers_s),
            activation_codecs={
                "float32": CodecCosts([0, 8192, 2048, 64]),
                "uint8": CodecCosts([0, 1500, 400, 40], encode_s=1e-4, decode_s=1e-4, lossless=False),
            },
        )

    return build_cost_table(
        NetworkCosts(
            (one_exit("exit1", 1.0, 0.75), one_exit("exit2", 3.0, 0.82)),
            {"raw": CodecCosts(3096), "webp": CodecCosts(1580, encode_s=5e-4, decode_s=2e-4)},
        ),
        request_overhead_bytes=150,
        answer_overhead_bytes=100,
    )


class LogUniform:
    """The next bandwidth is log-uniform between a quarter of the mean and four times it."""

    def __init__(self, mean_bps: float, changed: bool = False) -> None:
        self.mean_bps = mean_bps
        self.changed = changed

    def update(self, bandwidth_bps: float, weight: float = 1.0) -> None:
        """Stay as it is."""

    def reset(self) -> None:
        """Stay as it is."""

    def cdf(self, bandwidth_bps: ArrayLike) -> Floats:
        """P(next <= bandwidth)."""
        with np.errstate(divide="ignore"):
            log_ratio = np.log(np.asarray(bandwidth_bps, dtype=np.float64) / self.mean_bps)
        return np.clip(0.5 + log_ratio / (2 * math.log(4.0)), 0.0, 1.0)

    def samples_bps(self) -> Floats:
        """Two thousand bandwidths that share the distribution equally."""
        share = (np.arange(2000) + 0.5) / 2000
        return self.mean_bps * np.exp((2 * share - 1) * math.log(4.0))


@pytest.fixture(scope="session")
def log_uniform() -> type[LogUniform]:
    """The class of forecast."""
    return LogUniform


@pytest.fixture(scope="session")
def local_exits() -> tuple[LocalExit, ...]:
    """The device's exits of the network `branchy`, a fifth slower than on average."""
    return (LocalExit("exit1", 0.75, 0.012), LocalExit("exit2", 0.82, 0.036))
