"""An exit rule as it was calibrated, and what leaves where: what `edgent evaluate --exit-rule` writes."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  pydantic reads the fields' types
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import ConfigDict, Field

from edgent.accuracy.codec_accuracy import chosen_input_codecs
from edgent.core.codecs import CODECS
from edgent.core.exit_rules.rule import ExitRule
from edgent.errors import StaleFileError
from edgent.generated_file import STRICT, Provenance, Row, read_generated, write_generated
from edgent.planning.checked_exit import CheckedExit
from edgent.planning.plan import RAW

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from edgent.graph.exit_path import ExitPath
    from edgent.spec import Pipeline

FORMAT = 4
_EARLIER = (3,)  # did not say whose it is
WHAT = "exit rule"
COMMAND = "edgent evaluate SPEC --exit-rule"
SCORED_BY = ("accuracy", "agreement")
"""The measures of answers whose score of one input is 0 or 1."""
Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class ExitThreshold:
    """When inputs leave at an exit.

    Attributes:
        exit: its name.
        threshold: they leave where the confidence is above it; None: nothing leaves early.
    """

    exit: str
    threshold: Annotated[float, Field(ge=0, le=1)] | None


@dataclass(frozen=True)
class SureInputs:
    """The held-out inputs of which the same exits are sure.

    Attributes:
        sure: names of these exits.
        inputs: how many inputs.
        right: how many of them each exit answers right, or as the deepest does, shallow to deep.
    """

    sure: tuple[str, ...]
    inputs: Annotated[int, Field(ge=1)]
    right: tuple[Count, ...]


@dataclass(frozen=True)
class ThresholdsFound:
    """Thresholds for inputs that come in one codec.

    Attributes:
        exits: shallow to deep.
        together: which exits are sure of the same inputs.
    """

    exits: tuple[ExitThreshold, ...]
    together: tuple[SureInputs, ...]

    @property
    def lets_leave(self) -> bool:
        """Whether there is a threshold at all."""
        return any(exit_.threshold is not None for exit_ in self.exits)


@dataclass(frozen=True)
class Leaving:
    """What an exit answers of the inputs of a plan.

    Attributes:
        exit: its name.
        share: of all inputs that leave there, or come to the end of the way.
        right: share of all inputs that leave there and are answered right.
    """

    exit: str
    share: float
    right: float


@dataclass(frozen=True)
class CalibratedRule:
    """A rule with its guarantee and what was measured of it.

    Its guarantee holds for a plan that stops at any exit, whichever of the exits before are asked. Methods
    take the names of those that are; None: all that have a threshold.

    Attributes:
        made_by: what made it.
        measure: name of the measure of confidence.
        loss, confidence: what was asked of it; see `Bound`.
        inputs: number of held-out inputs that it was found on.
        scored_by: ``accuracy``, or ``agreement`` with the deepest exit.
        exits: shallow to deep, for inputs that lost nothing on their way.
        together: which exits are sure of the same inputs.
        codecs: the same for inputs that come in a lossy input codec, by each for which thresholds were found.
        spec: the spec that it belongs to, from its file's folder; empty where nobody said.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    made_by: Provenance
    measure: str
    loss: Annotated[float, Field(gt=0, lt=1)]
    confidence: Annotated[float, Field(ge=0.5, lt=1)]
    inputs: Annotated[int, Field(ge=1)]
    scored_by: str
    exits: tuple[ExitThreshold, ...]
    together: tuple[SureInputs, ...]
    codecs: Mapping[str, ThresholdsFound] = field(default_factory=dict)
    spec: str = ""

    def __post_init__(self) -> None:
        for place, found in self.by_place():
            _check_counts(place, found.exits, found.together, self.inputs)

    def by_place(self) -> Iterator[tuple[str, CalibratedRule | ThresholdsFound]]:
        """All thresholds, each with where they stand in the file: nothing, or ``codecs.NAME.``."""
        yield "", self
        for codec, found in self.codecs.items():
            yield f"codecs.{codec}.", found

    @cached_property
    def rule(self) -> ExitRule:
        """What the device and the edge check."""
        thresholds = {exit_.exit: exit_.threshold for exit_ in self.exits if exit_.threshold is not None}
        return ExitRule(self.measure, thresholds)

    def checked_exits(
        self, paths: Sequence[ExitPath], asked: Collection[str] | None = None
    ) -> tuple[CheckedExit, ...]:
        """The exits at which inputs leave, for plans, shallow to deep.

        Args:
            paths: of all exits, shallow to deep.
            asked: see above.
        """
        leaving = self.leaving(self.exits[-1].exit, asked)
        points = [path.leaves_after for path in paths]
        return tuple(
            CheckedExit(one.exit, point, one.share, self._lost_at(one.exit, asked, points))
            for one, point in zip(leaving[:-1], points, strict=False)
            if self._is_asked(one.exit, asked)
        )

    def behind(self, codec: str) -> CalibratedRule:
        """The rule for inputs that come in a codec: in a lossless one it is this.

        Args:
            codec: one of ``codecs``, or a lossless one.
        """
        found = self.codecs.get(codec)
        return self if found is None else replace(self, exits=found.exits, together=found.together, codecs={})

    def asking(self, exits: Collection[str]) -> CalibratedRule:
        """The rule where no others than these exits are asked."""

        def those(found: tuple[ExitThreshold, ...]) -> tuple[ExitThreshold, ...]:
            return tuple(one if one.exit in exits else replace(one, threshold=None) for one in found)

        codecs = {codec: replace(found, exits=those(found.exits)) for codec, found in self.codecs.items()}
        return replace(self, exits=those(self.exits), codecs=codecs)

    def checked_by_codec(
        self, paths: Sequence[ExitPath], asked: Collection[str] | None = None
    ) -> dict[str, tuple[CheckedExit, ...]]:
        """The exits at which inputs leave by the codec in which they come, as `NetworkCosts` has them."""
        return {codec: self.behind(codec).checked_exits(paths, asked) for codec in (RAW, *self.codecs)}

    def leaving(self, stops_at: str, asked: Collection[str] | None = None) -> tuple[Leaving, ...]:
        """What a plan that stops at an exit has each exit answer, up to that one.

        Args:
            stops_at: the exit.
            asked: see above.
        """
        names = [exit_.exit for exit_ in self.exits]
        names = names[: names.index(stops_at) + 1]
        inputs, right = np.zeros(len(names)), np.zeros(len(names))
        for same in self.together:
            leaves = (k for k, name in enumerate(names) if name in same.sure and self._is_asked(name, asked))
            at = next(leaves, len(names) - 1)
            inputs[at] += same.inputs
            right[at] += same.right[at]
        shares = (inputs / self.inputs).tolist(), (right / self.inputs).tolist()
        return tuple(map(Leaving, names, *shares))

    def accuracy(self, stops_at: str, asked: Collection[str] | None = None) -> float:
        """The accuracy of plans that stop at an exit, as it was measured, 0 to 1."""
        return sum(one.right for one in self.leaving(stops_at, asked))

    def lost(self, stops_at: str, asked: Collection[str] | None = None) -> float:
        """What leaving early costs plans that stop at an exit, as it was measured; below 0 for a gain."""
        return self.accuracy(stops_at, ()) - self.accuracy(stops_at, asked)

    def _lost_at(self, name: str, asked: Collection[str] | None, points: Sequence[int]) -> dict[str, float]:
        """What leaving at an exit costs plans that stop at a deeper one on whose way it lies, by its name."""
        names = [exit_.exit for exit_ in self.exits]
        here = names.index(name)
        lost = np.zeros(len(names))
        for same in self.together:
            if next((one for one in names if one in same.sure and self._is_asked(one, asked)), None) == name:
                lost += np.array(same.right) - same.right[here]
        shares = (lost / self.inputs).tolist()
        deeper = range(here + 1, len(names))
        return {names[k]: shares[k] for k in deeper if points[k] >= points[here]}

    def _is_asked(self, name: str, asked: Collection[str] | None) -> bool:
        return name in self.rule.thresholds and (asked is None or name in asked)

    def write(self, path: Path) -> None:
        """Write it as YAML.

        Raises:
            StaleFileError: it cannot be written.
        """
        content = asdict(self)
        del content["made_by"]
        for found in (content, *content["codecs"].values()):
            for rows in ("exits", "together"):
                found[rows] = [Row(row) for row in found[rows]]
        write_generated(path, WHAT, FORMAT, self.made_by, content)


def read_exit_rule(spec: Pipeline, model_sha256: str) -> CalibratedRule | None:
    """The rule that a spec asks for; None where it asks for none.

    Raises:
        StaleFileError: it was not calibrated yet, or for another model, measure, loss or confidence, or what
            it names is not the spec's.
    """
    section = spec.exit_rule
    if section is None:
        return None
    command = COMMAND.replace("SPEC", str(spec.file))
    if section.file is None:
        raise StaleFileError(f"{spec.file}: exit_rule has no thresholds yet; run `{command}`")
    path = spec.resolve(section.file)
    found = read_generated(path, WHAT, FORMAT, model_sha256, command, CalibratedRule, _EARLIER)
    for name in ("measure", "loss", "confidence"):
        wanted, written = getattr(section, name), getattr(found, name)
        if wanted != written:
            raise StaleFileError(
                f"{path} was made for {name} {written}, the spec asks for {wanted}; run `{command}`"
            )
    listed = spec.codecs.input or chosen_input_codecs(spec, model_sha256)
    lossy = [codec for codec in listed if not CODECS[codec].lossless]
    for problem in _wrong_names(found, spec.exit_names, lossy):
        raise StaleFileError(f"{path}: {problem}; run `{command}`")
    return found


def _check_counts(
    place: str, exits: Sequence[ExitThreshold], together: Sequence[SureInputs], inputs: int
) -> None:
    """Whether counts add up.

    Args:
        place: where these thresholds stand in the file.
        exits: shallow to deep.
        together: which exits are sure of the same inputs.
        inputs: how many there are in all.

    Raises:
        ValueError: they do not.
    """
    counted = sum(same.inputs for same in together)
    if counted != inputs:
        raise ValueError(f"{place}together: {counted} inputs in all, where the rule was found on {inputs}")
    for number, same in enumerate(together):
        if len(same.right) != len(exits) or any(right > same.inputs for right in same.right):
            raise ValueError(
                f"{place}together.{number}.right: one count for each of {len(exits)} exits, of at most "
                f"{same.inputs} inputs, not {list(same.right)}"
            )


def _wrong_names(rule: CalibratedRule, names: tuple[str, ...], lossy: Sequence[str]) -> Iterator[str]:
    """What a rule names that is not there, or not in this place.

    Args:
        rule: as it was read.
        names: of the network's exits, shallow to deep.
        lossy: the lossy input codecs of the spec.
    """
    if rule.scored_by not in SCORED_BY:
        yield f"scored_by: {rule.scored_by!r}, where an exit rule counts {' or '.join(SCORED_BY)}"
    for codec in rule.codecs:
        if codec not in lossy:
            yield f"codecs: {codec!r}, where the spec's lossy input codecs are {_listed(lossy)}"
    for place, found in rule.by_place():
        written = tuple(one.exit for one in found.exits)
        if written != names:
            yield (
                f"{place}exits: {_listed(written)}, where the network's are, shallow to deep, "
                f"{_listed(names)}"
            )
        deepest = found.exits[-1] if found.exits else None
        if deepest is not None and deepest.threshold is not None:
            yield (
                f"{place}exits.{len(written) - 1}.threshold: {deepest.threshold:g}, where the deepest exit, "
                f"{deepest.exit}, has none"
            )
        able = [one.exit for one in found.exits if one.threshold is not None]
        for number, same in enumerate(found.together):
            if list(same.sure) != [name for name in able if name in same.sure]:
                yield (
                    f"{place}together.{number}.sure: {_listed(same.sure)}, where the exits with a threshold "
                    f"are, shallow to deep, {_listed(able)}"
                )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
