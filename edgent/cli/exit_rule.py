"""``edgent evaluate --exit-rule``: thresholds of an exit rule into a file beside the spec."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from edgent.cli.figure_file import write_figure
from edgent.errors import SpecError
from edgent.fitted_table import print_fitted
from edgent.spec.exit_rule_section import ExitRuleSection

if TYPE_CHECKING:
    from edgent.accuracy.exit_rule_evaluation import HeldOutAnswers
    from edgent.accuracy.exit_rule_file import CalibratedRule
    from edgent.accuracy.exit_rule_place import RulePlace
    from edgent.inputs.labelled import Labelled
    from edgent.network import Network
    from edgent.spec import Pipeline

ExitRuleOption = Annotated[
    bool,
    typer.Option("--exit-rule", help="Find how sure an early exit has to be for inputs to leave there."),
]
LossOption = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Accuracy (or agreement) that leaving early may cost; by default the spec's, or 0.01.",
    ),
]
ConfidenceOption = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="How sure it is that another sample of as many inputs loses no more; by default the spec's, "
        "or 0.95.",
    ),
]
ConfidenceMeasureOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="What says how sure an exit is: largest_probability, entropy or margin; by default the spec's, "
        "or the first.",
    ),
]


_NOT_WRITTEN = (
    "Nothing is written: the spec stays as it is, and so does a rule that was found before. Allow a larger "
    "--loss, or leave exit_rule out of the spec."
)


def asked_bound(
    pipeline: "Pipeline",
    loss: float | None,
    confidence: float | None,
    measure: str | None,
    *,
    exit_rule: bool,
) -> ExitRuleSection | None:
    """What is asked of an exit rule: by the options, else by the spec; None where none is to be found.

    Raises:
        SpecError: an option is out of range, names nothing, or is given without ``--exit-rule``.
    """
    given = {
        name: value
        for name, value in (("loss", loss), ("confidence", confidence), ("measure", measure))
        if value is not None
    }
    if not exit_rule:
        if given:
            option = "confidence-measure" if "measure" in given else next(iter(given))
            raise SpecError(f"--{option} belongs to an exit rule: give --exit-rule as well")
        return None
    return _checked((pipeline.exit_rule or ExitRuleSection()).model_dump() | given)


def _checked(values: dict[str, Any]) -> ExitRuleSection:
    """The section that these values make, checked as in a spec."""
    from pydantic import ValidationError

    try:
        return ExitRuleSection(**values)
    except ValidationError as error:
        first = error.errors()[0]
        message = first["msg"].removeprefix("Value error, ")
        raise SpecError(
            f"exit rule: {first['loc'][0]} {first['input']}: {message[0].lower()}{message[1:]}"
        ) from None


def check_rule_possible(network: "Network", scored_by: str) -> None:
    """Refuse what no exit rule can be found for, before anything is measured.

    Raises:
        SpecError: the network has no classes or no early exit, or scores are not 0 or 1.
    """
    from edgent.accuracy.exit_rule_evaluation import check_exits

    check_exits(network, scored_by)


def write_exit_rule(
    network: "Network",
    inputs: "Labelled",
    scored_by: str,
    asked: ExitRuleSection,
    console: Console,
    plot: Path | None = None,
    *,
    as_json: bool,
) -> None:
    """Find a rule, write it beside the spec, say what it does and what is sure of it, and draw it."""
    from edgent.accuracy.exit_rule_evaluation import find_exit_rule
    from edgent.accuracy.exit_rule_place import rule_place
    from edgent.cli.left_out import say_what_was_left_out
    from edgent.cli.phase_progress import phase_progress
    from edgent.exits.rules.calibration import Bound
    from edgent.show.exit_rule_json import exit_rule_json
    from edgent.show.exit_rule_table import LEAST_FIRST, exit_rule_sentence, exit_rule_table, work_sentence

    place = rule_place(network.spec, asked.file)
    known, bound = inputs.left_out, Bound(asked.loss, asked.confidence)
    answers: list[HeldOutAnswers] = []
    with phase_progress() as progress:
        found = find_exit_rule(
            network, inputs, scored_by, asked.measure, bound, progress, seen=answers.append
        )
    say_what_was_left_out(inputs.left_out[len(known) :])
    written = _write(network.spec, place, asked, found) if found.rule.thresholds else _NOT_WRITTEN
    paths = network.graph.paths
    if as_json:
        file = str(network.spec.resolve(place.relative)) if found.rule.thresholds else None
        typer.echo(json.dumps({"file": file} | exit_rule_json(found, paths), indent=2))
    else:
        print_fitted(exit_rule_table(found, paths), console, LEAST_FIRST)
    for line in filter(None, (exit_rule_sentence(found), work_sentence(found, paths), written)):
        console.print(line, highlight=False, soft_wrap=True)
    if plot is not None:
        _draw(answers[0], found, network, plot, console)


def _draw(
    answers: "HeldOutAnswers", found: "CalibratedRule", network: "Network", plot: Path, console: Console
) -> None:
    from edgent.exits.rules.trade_off import trade_off
    from edgent.exits.rules.work import worth_checking
    from edgent.show.exit_rule_figure import exit_rule_figure

    paths = network.graph.paths
    steps = trade_off(answers.confidence, answers.scores, worth_checking(paths), paths)
    write_figure(exit_rule_figure(steps, found, paths), plot, console)


def _write(pipeline: "Pipeline", place: "RulePlace", asked: ExitRuleSection, found: "CalibratedRule") -> str:
    """Write a rule beside the spec, and what was asked of it into the spec; returns what was written.

    Raises:
        SpecError: the spec cannot be written: then a rule that was there stays as it was.
        StaleFileError: the rule cannot be written.
    """
    from edgent.accuracy.exit_rule_place import named_from
    from edgent.spec.edit import write_values

    file = pipeline.resolve(place.relative)
    before = file.read_bytes() if file.exists() else None
    replace(found, spec=named_from(file, pipeline.file)).write(file)
    values = asked.model_dump() | {"file": place.relative}
    try:
        write_values(pipeline.file, {("exit_rule", name): value for name, value in values.items()})
    except SpecError as error:
        if before is None:
            file.unlink()
            raise SpecError(f"{error}; no rule is written") from None
        file.write_bytes(before)
        raise SpecError(f"{error}; the rule in {file} stays as it was") from None
    left_alone = f"; {place.left_alone}" if place.left_alone else ""
    return f"written: {file}, and its name in {pipeline.file}{left_alone}"
