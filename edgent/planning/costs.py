"""What an exit and a codec cost: the planner's input, filled from measured segments or from regressors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from edgent.errors import PlanError
from edgent.planning.checked_exit import CheckedExit
from edgent.planning.feature_costs import FeatureCosts
from edgent.planning.plan import FILE, FLOAT32, RAW, Plan
from edgent.planning.stages import MOVES, Jump, Stage, Step, stages

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
ACCURACY = "accuracy"
"""The measure that accuracies are by where nothing else is said."""


@dataclass(frozen=True, eq=False)
class CodecCosts:
    """What one codec costs: single values for an input codec; for an activation codec one per point.

    Attributes:
        size_bytes: bytes of the whole frame, header included. Shape () or (n_points,).
        encode_s: seconds on the node that writes: the device for what goes up, the edge for what comes down.
        decode_s: seconds on the node that reads.
        lossless: whether the tensor comes back bit for bit; a lossy codec needs a measured accuracy.
    """

    size_bytes: npt.ArrayLike
    encode_s: npt.ArrayLike = 0.0
    decode_s: npt.ArrayLike = 0.0
    lossless: bool = True


@dataclass(frozen=True, eq=False)
class InnerCosts:
    """What is to be known beyond that where a path of N layers is run in pieces.

    Attributes:
        device_s: seconds of layers [a, b) on the device, 0 for a >= b. Shape (N + 1, N + 1).
        window_s: the same on the edge.
        device_measured, window_measured: which of these were measured; the others are predicted.
        codecs_up: costs of activations that go up, by name, arrays of shape (N + 1,); without any, no window
            starts inside the path.
    """

    device_s: FloatArray
    window_s: FloatArray
    device_measured: BoolArray
    window_measured: BoolArray
    codecs_up: Mapping[str, CodecCosts]


@dataclass(frozen=True, eq=False)
class ExitCosts:
    """One exit's path, from measured segments or from regressors; N layers have N + 1 partition points.

    Attributes:
        exit: name of the exit point.
        accuracy: measured, 0 to 1, by (input codec, activation codec), ("raw", "float32") always among them.
            A lossless codec counts as ``raw`` or ``float32``. A single value holds wherever the activation
            codec is used, else there is one for each partition point. Shape () or (N + 1,). A lossy pair that
            is not listed, or not a number at a point, gives no plan.
        head_s: seconds of layers [0, p) on the edge. Shape (N + 1,).
        tail_s: seconds of layers [p, N) on the device. Shape (N + 1,).
        activation_codecs: costs by name, arrays of shape (N + 1,), ``float32`` always among them. The answer
            of an edge-only plan always travels as ``float32``; values at p = 0 are not used.
        unwritten: (codec, p) where the codec does not write what crosses; these give no plan.
        inner: what its layers cost in pieces; None: no plan starts inside the path or leaves early.
        features: the path's feature codecs by name; they need ``inner``.
        leaves_after: how many layers the path shares with the deepest exit's.
    """

    exit: str
    accuracy: Mapping[tuple[str, str], float | FloatArray]
    head_s: FloatArray
    tail_s: FloatArray
    activation_codecs: Mapping[str, CodecCosts]
    unwritten: frozenset[tuple[str, int]] = frozenset()
    inner: InnerCosts | None = None
    features: Mapping[str, FeatureCosts] = field(default_factory=dict)
    leaves_after: int = 0

    @cached_property
    def jumps(self) -> tuple[Jump, ...]:
        """Where its feature codecs stand."""
        return tuple(feature.jump for feature in self.features.values())

    @property
    def layers(self) -> int:
        """How many layers the exit's path has."""
        return len(self.head_s) - 1

    @property
    def lossless_accuracy(self) -> float:
        """The accuracy with lossless codecs, 0 to 1."""
        return float(self.accuracy[RAW, FLOAT32])

    def accuracy_at(self, input_codec: str, activation_codec: str, point: int) -> float:
        """The accuracy with an activation codec at a partition point; not a number where it is not known."""
        return _at(self.accuracy.get((input_codec, activation_codec), np.nan), point)


@dataclass(frozen=True)
class MeanPhoto:
    """The mean of the photos that the codec ``file`` was timed with.

    Attributes:
        prepare_s: seconds in which the device makes an input of its file, where pixels are needed.
        work: see `edgent.core.photo.decoding_work`.
    """

    prepare_s: float
    work: float


@dataclass(frozen=True, eq=False)
class NetworkCosts:
    """What every stage of every plan of a network costs on a pair of nodes.

    Attributes:
        exits: shallow to deep.
        input_codecs: costs by name, ``raw`` among them.
        measure: what accuracies are measured by.
        asked: the exits at which inputs may leave, shallow to deep, by the lossy input codec in which inputs
            come to them; ``raw`` where nothing is lost. They need ``inner`` of every exit. Behind a lossy
            codec that is not listed none is asked.
        photo: the photo that the codec ``file`` was timed with; None unless it is offered.

    Raises:
        PlanError: values that are missing, negative, not finite or of different lengths.
    """

    exits: tuple[ExitCosts, ...]
    input_codecs: Mapping[str, CodecCosts]
    measure: str = ACCURACY
    asked: Mapping[str, tuple[CheckedExit, ...]] = field(default_factory=dict)
    photo: MeanPhoto | None = None

    def __post_init__(self) -> None:
        if not self.exits:
            raise PlanError("there is nothing to plan from: the network has no exits")
        if RAW not in self.input_codecs:
            raise PlanError(f"input codecs {sorted(self.input_codecs)}: {RAW!r} must be among them")
        for name, codec in self.input_codecs.items():
            _check_codec(f"input codec {name}", codec, shape=())
        if self.photo is not None:
            _check_values("prepare_s", self.photo.prepare_s, ())
        for exit_ in self.exits:
            _check_exit(exit_)
            if any(self.asked.values()) and exit_.inner is None:
                raise PlanError(f"exit {exit_.exit}: what its layers take in pieces is missing")

    @property
    def file_bytes(self) -> float:
        """Of a frame with a photo's own file; 0 unless the codec ``file`` is offered."""
        file = self.input_codecs.get(FILE)
        return 0.0 if file is None else float(np.asarray(file.size_bytes))

    @property
    def has_inner_windows(self) -> bool:
        """Whether windows may start inside a path."""
        return any(
            exit_.features or (exit_.inner is not None and exit_.inner.codecs_up) for exit_ in self.exits
        )

    def asked_before(self, exit_name: str, source: str) -> tuple[CheckedExit, ...]:
        """The exits at which inputs may leave on the way to an exit, shallow to deep.

        Args:
            exit_name: the exit.
            source: the input codec in which they come, ``raw`` where nothing is lost.
        """
        return tuple(
            checked
            for checked in self.asked.get(source, ())
            if exit_name in checked.lost and checked.point < self._exit[exit_name].layers
        )

    def source_of(self, plan: Plan) -> str:
        """The lossy input codec in which a plan's inputs come to exits; ``raw`` where nothing is lost."""
        is_input = plan.remote and plan.start == 0 and plan.codec_up in self.input_codecs
        return plan.codec_up if is_input and not self.input_codecs[plan.codec_up].lossless else RAW

    @cached_property
    def _exit(self) -> Mapping[str, ExitCosts]:
        return {exit_.exit: exit_ for exit_ in self.exits}

    def stages(self, plan: Plan) -> tuple[Stage, ...]:
        """The stages of a plan of one of the exits."""
        exit_ = self._exit[plan.exit]
        return stages(plan, exit_.layers, exit_.jumps)

    def seconds(self, stage: Stage) -> float:
        """What a stage takes, in seconds; 0 for a move, whose time depends on the link."""
        if stage.step in {Step.RUN_DEVICE, Step.RUN_BEFORE, Step.RUN_EDGE}:
            learned = self._features(stage)
            return self._layers_s(stage) + sum(
                f.decoder_s if f.jump.codec == stage.decoder else f.encoder_s for f in learned
            )
        if stage.step in {Step.ENCODE_UP, Step.ENCODE_DOWN}:
            return _at(self._codec(stage).encode_s, stage.stop)
        if stage.step in {Step.DECODE_UP, Step.DECODE_DOWN}:
            return _at(self._codec(stage).decode_s, stage.stop)
        return 0.0

    def size_bytes(self, stage: Stage) -> float:
        """How many bytes a stage moves over the link; 0 for everything but a move."""
        return _at(self._codec(stage).size_bytes, stage.stop) if stage.step in MOVES else 0.0

    def is_predicted(self, stage: Stage) -> bool:
        """Whether nobody measured these layers as they stand: their time follows from that of others."""
        if any(feature.predicted for feature in self._features(stage)):
            return True
        if stage.step is Step.RUN_BEFORE and stage.stop:
            return not self._inner(stage).device_measured[0, stage.stop]
        if stage.step is Step.RUN_EDGE and stage.start:
            return not self._inner(stage).window_measured[stage.start, stage.stop]
        return False

    def _layers_s(self, stage: Stage) -> float:
        if stage.step is Step.RUN_BEFORE:
            return float(self._inner(stage).device_s[0, stage.stop])
        if stage.step is Step.RUN_DEVICE:
            return float(self._exit[stage.exit].tail_s[stage.start])
        if stage.start:
            return float(self._inner(stage).window_s[stage.start, stage.stop])
        return float(self._exit[stage.exit].head_s[stage.stop])

    def _codec(self, stage: Stage) -> CodecCosts:
        assert stage.codec is not None, "a tensor crosses in a codec"
        feature = self._exit[stage.exit].features.get(stage.codec)
        if feature is not None:  # its seconds are those of the layers beside it
            return CodecCosts(feature.size_bytes)
        if stage.step > Step.RUN_EDGE:
            return self._exit[stage.exit].activation_codecs[stage.codec]
        return (self._inner(stage).codecs_up if stage.stop else self.input_codecs)[stage.codec]

    def _features(self, stage: Stage) -> list[FeatureCosts]:
        """The feature codecs that are decoded before a stage's layers, or encoded behind them."""
        features = self._exit[stage.exit].features
        return [features[name] for name in (stage.decoder, stage.encoder) if name is not None]

    def _inner(self, stage: Stage) -> InnerCosts:
        inner = self._exit[stage.exit].inner
        assert inner is not None, "only a window that starts inside the path has such a stage"
        return inner


def _at(values: npt.ArrayLike, point: int) -> float:
    """The value at a partition point; a single value holds at all of them."""
    array = np.asarray(values, dtype=np.float64)
    return float(array[point] if array.ndim else array)


def _check_exit(costs: ExitCosts) -> None:
    shape = np.shape(costs.head_s)
    if len(shape) != 1 or shape[0] < 2:
        raise PlanError(
            f"exit {costs.exit}: head_s has shape {shape}; expected one value per partition point"
        )
    _check_values(f"exit {costs.exit}: head_s", costs.head_s, shape)
    _check_values(f"exit {costs.exit}: tail_s", costs.tail_s, shape)
    if costs.head_s[0] or costs.tail_s[-1]:
        raise PlanError(
            f"exit {costs.exit}: a head without layers takes {costs.head_s[0]} s and a tail without layers "
            f"{costs.tail_s[-1]} s; expected 0"
        )
    if FLOAT32 not in costs.activation_codecs or (RAW, FLOAT32) not in costs.accuracy:
        raise PlanError(
            f"exit {costs.exit}: costs of {FLOAT32!r} and accuracy of {RAW!r}, {FLOAT32!r} are missing"
        )
    for name, codec in costs.activation_codecs.items():
        _check_codec(f"exit {costs.exit}, activation codec {name}", codec, shape)
    for pair, accuracy in costs.accuracy.items():
        known = np.asarray(accuracy)
        if known.shape not in (shape, ()):
            raise PlanError(
                f"exit {costs.exit}: accuracy under {pair} has shape {known.shape}; expected {shape}, or one"
            )
        if not (((known >= 0) & (known <= 1)) | (np.isnan(known) & (known.ndim > 0))).all():
            raise PlanError(f"exit {costs.exit}: accuracy under {pair} is {accuracy}; expected 0 to 1")


def _check_codec(place: str, codec: CodecCosts, shape: tuple[int, ...]) -> None:
    _check_values(f"{place}: size_bytes", codec.size_bytes, shape)
    _check_values(f"{place}: encode_s", codec.encode_s, shape)
    _check_values(f"{place}: decode_s", codec.decode_s, shape)


def _check_values(place: str, values: npt.ArrayLike, shape: tuple[int, ...]) -> None:
    array = np.asarray(values, dtype=np.float64)
    if array.shape not in (shape, ()):
        raise PlanError(f"{place} has shape {array.shape}; expected {shape}")
    if not (np.isfinite(array) & (array >= 0)).all():
        raise PlanError(f"{place} has values that are negative or not finite; measure it again")
