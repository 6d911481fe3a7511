"""An exit rule as it was calibrated, and what leaves where: what `edgent evaluate --exit-rule` writes."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  pydantic reads the fields' types
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import ConfigDict, Field

from edgent.core.exit_rules.rule import ExitRule
from edgent.errors import StaleFileError
from edgent.generated_file import STRICT, Provenance, Row, read_generated, write_generated
from edgent.planning.checked_exit import CheckedExit
from edgent.planning.plan import RAW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edgent.graph.exit_path import ExitPath
    from edgent.spec import Pipeline

FORMAT = 2
WHAT = "exit rule"
COMMAND = "edgent evaluate SPEC --exit-rule"
Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class ExitUnderRule:
    """One exit under a rule; shares are of all held-out inputs.

    Attributes:
        exit: its name.
        accuracy: its own, on all of the inputs, 0 to 1.
        threshold: inputs leave where the confidence is above it; None: nothing leaves early.
        leaves: share that leaves here before the end of its way.
        accuracy_of_leaving: of the exit's answers on these; None where none leaves.
        accuracy_of_coming: of its answers on all that did not leave before, as a plan gives them that stops
            here; None where none comes.
        lost: what leaving here costs plans that stop at a deeper exit, by its name; below 0 for a gain.
    """

    exit: str
    accuracy: Share
    threshold: Share | None
    leaves: Share
    accuracy_of_leaving: Share | None
    accuracy_of_coming: Share | None
    lost: Mapping[str, Annotated[float, Field(ge=-1, le=1)]]


@dataclass(frozen=True)
class CalibratedRule:
    """A rule with its guarantee and what was measured of it.

    Attributes:
        made_by: what made it.
        measure: name of the measure of confidence.
        loss, confidence: what was asked of it; see `Bound`.
        inputs: number of held-out inputs that it was found on.
        scored_by: ``accuracy``, or ``agreement`` with the deepest exit.
        exits: shallow to deep, of inputs that lost nothing on their way.
        codecs: the same of inputs that come in a lossy input codec, for each for which the rule holds, too.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    made_by: Provenance
    measure: str
    loss: Annotated[float, Field(gt=0, lt=1)]
    confidence: Annotated[float, Field(ge=0.5, lt=1)]
    inputs: Annotated[int, Field(ge=1)]
    scored_by: str
    exits: tuple[ExitUnderRule, ...]
    codecs: Mapping[str, tuple[ExitUnderRule, ...]] = field(default_factory=dict)

    @cached_property
    def rule(self) -> ExitRule:
        """What the device and the edge check."""
        thresholds = {exit_.exit: exit_.threshold for exit_ in self.exits if exit_.threshold is not None}
        return ExitRule(self.measure, thresholds)

    def checked_exits(self, paths: Sequence[ExitPath]) -> Mapping[str, tuple[CheckedExit, ...]]:
        """The exits at which inputs may leave, for plans, shallow to deep, as `NetworkCosts` has them.

        Args:
            paths: of all exits, shallow to deep.
        """
        return {
            source: tuple(
                CheckedExit(exit_.exit, path.leaves_after, exit_.leaves, exit_.lost)
                for exit_, path in zip(exits, paths, strict=True)
                if exit_.threshold is not None
            )
            for source, exits in {RAW: self.exits, **self.codecs}.items()
        }

    def shares(self, stops_at: str) -> tuple[float, ...]:
        """Which share of the inputs a plan that stops at an exit answers at each exit, up to it."""
        before = self._before(stops_at)
        return (*(exit_.leaves for exit_ in before), 1.0 - sum(exit_.leaves for exit_ in before))

    def accuracy(self, stops_at: str) -> float:
        """The accuracy of plans that stop at an exit, as it was measured, 0 to 1."""
        shares, before = self.shares(stops_at), self._before(stops_at)
        right = (*(exit_.accuracy_of_leaving for exit_ in before), self._exit(stops_at).accuracy_of_coming)
        return sum(share * (accuracy or 0.0) for share, accuracy in zip(shares, right, strict=True))

    def lost(self, stops_at: str) -> float:
        """What leaving early costs plans that stop at an exit, as it was measured; below 0 for a gain."""
        return self._exit(stops_at).accuracy - self.accuracy(stops_at)

    def _exit(self, name: str) -> ExitUnderRule:
        return next(exit_ for exit_ in self.exits if exit_.exit == name)

    def _before(self, name: str) -> tuple[ExitUnderRule, ...]:
        return self.exits[: self.exits.index(self._exit(name))]

    def write(self, path: Path) -> None:
        """Write it as YAML.

        Raises:
            StaleFileError: it cannot be written.
        """
        content = asdict(self)
        del content["made_by"]
        content["exits"] = [Row(row) for row in content["exits"]]
        content["codecs"] = {name: [Row(row) for row in rows] for name, rows in content["codecs"].items()}
        write_generated(path, WHAT, FORMAT, self.made_by, content)


def read_exit_rule(spec: Pipeline, model_sha256: str) -> CalibratedRule | None:
    """The rule that a spec asks for; None where it asks for none.

    Raises:
        StaleFileError: it was not calibrated yet, or for another model, measure, loss or confidence.
    """
    section = spec.exit_rule
    if section is None:
        return None
    command = COMMAND.replace("SPEC", str(spec.file))
    if section.file is None:
        raise StaleFileError(f"{spec.file}: exit_rule has no thresholds yet; run `{command}`")
    path = spec.resolve(section.file)
    found = read_generated(path, WHAT, FORMAT, model_sha256, command, CalibratedRule)
    for name in ("measure", "loss", "confidence"):
        wanted, written = getattr(section, name), getattr(found, name)
        if wanted != written:
            raise StaleFileError(
                f"{path} was made for {name} {written}, the spec asks for {wanted}; run `{command}`"
            )
    return found
