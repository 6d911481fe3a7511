"""``edgent evaluate``: accuracy of every exit on held-out data, with and without lossy codecs."""

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from edgent.cli.exit_rule import (
    ConfidenceMeasureOption,
    ConfidenceOption,
    ExitRuleOption,
    LossOption,
    asked_bound,
    check_rule_possible,
    write_exit_rule,
)
from edgent.cli.figure_file import check_figure_file, write_figure
from edgent.cli.json_option import AsJsonOption
from edgent.cli.left_out import say_what_was_left_out
from edgent.cli.spec_file import SpecFile
from edgent.command_line import add_command
from edgent.counted import counted
from edgent.errors import SpecError, StaleFileError
from edgent.fitted_table import print_fitted, table_console
from edgent.planning.costs import ACCURACY
from edgent.spec import read_spec

if TYPE_CHECKING:
    from edgent.accuracy.codec_accuracy import CodecAccuracies
    from edgent.accuracy.codec_rates import CodecRate
    from edgent.inputs.labelled import Labelled
    from edgent.network import Network
    from edgent.spec import Pipeline


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        evaluate,
        "edgent evaluate pipelines/lenet.yaml",
        "edgent evaluate pipelines/lenet.yaml --json",
        "edgent evaluate pipelines/alexnet.yaml --budget-s 600",
        "edgent evaluate flowers.yaml --images photos",
        "edgent evaluate pipelines/flowers.yaml --plot codecs.png",
        "edgent evaluate pipelines/alexnet.yaml --exit-rule --loss 0.01 --confidence 0.95",
    )


BudgetOption = Annotated[
    float,
    typer.Option("--budget-s", min=0.1, max=86_400, metavar="SECONDS", help="Time spent on lossy codecs."),
]
SeedOption = Annotated[int, typer.Option(min=0, metavar="NUMBER", help="Seed of the choice of images.")]
ImagesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH",
        help="Inputs in place of the spec's: a folder, with a subfolder for each label where there are "
        "labels, a .csv list of files, or an .npz file of images and labels.",
    ),
]
MeasureOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="What answers are scored by: accuracy, by labels; or, by the deepest exit's answers, agreement, "
        "cosine or closeness. By default what suits the spec's output and the inputs.",
    ),
]

PlotOption = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        metavar="FILE",
        callback=check_figure_file,
        help="Draw bytes against accuracy of all codecs, or with --exit-rule what leaving early costs and "
        "saves, into a .png, .svg or .pdf file.",
    ),
]


def evaluate(
    spec: SpecFile,
    budget_s: BudgetOption = 120.0,
    seed: SeedOption = 0,
    images: ImagesOption = None,
    measure: MeasureOption = None,
    plot: PlotOption = None,
    exit_rule: ExitRuleOption = False,
    loss: LossOption = None,
    confidence: ConfidenceOption = None,
    confidence_measure: ConfidenceMeasureOption = None,
    as_json: AsJsonOption = False,
) -> None:
    """Measure the accuracy of every exit on held-out data, with and without lossy codecs at every cut.

    Where inputs have no labels, or answers are arrays, it is measured how far exits agree with the deepest
    one. What the exits reach is written into the spec, and with lossy codecs into a file beside it. Plans use
    a lossy codec only if its accuracy is known. Where the spec says codecs.input: auto, picture codecs are
    tried on a sample, those that are worth it are measured, and about six are kept.

    With --exit-rule nothing of that is done: it is found how sure an early exit has to be for inputs to leave
    there.
    """
    from edgent.accuracy.codec_rates import codec_rates
    from edgent.accuracy.evaluation import evaluate_codecs
    from edgent.cli.phase_progress import phase_progress
    from edgent.network import Network

    pipeline = read_spec(spec)
    asked = asked_bound(pipeline, loss, confidence, confidence_measure, exit_rule=exit_rule)
    network = Network.open(pipeline)
    inputs, used = _inputs(network, images, measure)
    if asked is not None:
        check_rule_possible(network, used)
    console, known = table_console(is_aside=as_json), inputs.left_out
    say_what_was_left_out(known)
    _say_what_is_measured(console, used, _why_not_accuracy(inputs, pipeline) if measure is None else "")
    if asked is not None:
        write_exit_rule(network, inputs, used, asked, console, plot, as_json=as_json)
        return
    with phase_progress() as progress:
        accuracies = evaluate_codecs(network, inputs, used, budget_s=budget_s, seed=seed, progress=progress)
    say_what_was_left_out(inputs.left_out[len(known) :])
    before = _in_place_of(network)
    file = _write(pipeline, accuracies)
    _say_what_was_measured(console, pipeline, accuracies)
    network = Network.open(read_spec(spec))
    rates = codec_rates(network, accuracies)
    _print_rates(network, accuracies, rates, file, console, as_json=as_json)
    _say_what_was_found(network, accuracies, console)
    replaced = f": {_of_inputs(accuracies)} in place of {before}" if before else ""
    console.print(f"written: {file}, and the accuracies in {spec}{replaced}", highlight=False, soft_wrap=True)
    if plot is not None:
        from edgent.show.rate_accuracy_figure import rate_accuracy_figure

        write_figure(rate_accuracy_figure(rates, accuracies), plot, console)


def _say_what_was_measured(console: Console, pipeline: "Pipeline", accuracies: "CodecAccuracies") -> None:
    """Of what, and on how many inputs."""
    console.print(
        f"{accuracies.measure} of {pipeline.name} on {counted(accuracies.images, 'held-out input')}; with "
        f"lossy codecs on {accuracies.compared:,} of them; activations at cuts where fewer bytes cross "
        "than before",
        highlight=False,
    )


def _print_rates(
    network: "Network",
    accuracies: "CodecAccuracies",
    rates: "list[CodecRate]",
    file: Path,
    console: Console,
    *,
    as_json: bool,
) -> None:
    """The codecs' bytes and accuracies."""
    from edgent.show.codec_rate_json import codec_rate_json
    from edgent.show.codec_rate_table import (
        beside_pictures_table,
        codec_rate_table,
        least_beside_pictures,
        least_of_rates,
    )

    if as_json:
        typer.echo(json.dumps({"file": str(file)} | codec_rate_json(rates, accuracies), indent=2))
        return
    more = f"{file} has them all"
    print_fitted(codec_rate_table(rates, accuracies), console, least_of_rates(accuracies), more=more)
    if network.feature_codecs:
        beside = beside_pictures_table(rates, accuracies.exits[-1].exit)
        print_fitted(beside, console, least_beside_pictures(), more=more)


def _say_what_was_found(network: "Network", accuracies: "CodecAccuracies", console: Console) -> None:
    """Which codecs were chosen, which no plan uses, and which exits are worse than shallower ones."""
    from edgent.accuracy.exit_order import exit_order_lines
    from edgent.accuracy.ladder_search import writable
    from edgent.latency.unusable_codecs import unusable_codecs
    from edgent.latency.unusable_cuts import unusable_cuts

    if accuracies.input_codecs:
        console.print(
            f"chosen for inputs: {', '.join(accuracies.input_codecs)}; run `edgent profile` again "
            "where it was made with others",
            highlight=False,
            soft_wrap=True,
        )
        if not writable(network):
            source = network.graph.source
            console.print(
                f"picture codecs write one uint8 image of 1 or 3 channels, not {source.dtype} of shape "
                f"{list(source.shape)}: none was tried",
                style="yellow",
                highlight=False,
                soft_wrap=True,
            )
    for reason in (
        *exit_order_lines({exit_.exit: exit_.accuracy for exit_ in accuracies.exits}),
        *unusable_cuts(network.graph),
        *unusable_codecs(network, accuracies.by_exit),
    ):
        console.print(reason, style="yellow", highlight=False, soft_wrap=True)


def _inputs(network: "Network", images: Path | None, measure: str | None) -> "tuple[Labelled, str]":
    """What to measure on, and by: labels count where some inputs have them, and the measure asks for them."""
    from edgent.accuracy.evaluation import check_measure
    from edgent.accuracy.measures.registry import MEASURES, usual_measure
    from edgent.inputs.labelled import held_out_data, no_labels, read_labelled

    spec = network.spec
    if images is None and spec.held_out is None:
        raise SpecError(
            f"{spec.file}: no data.held_out and no training.dataset to evaluate on: name one, give "
            "--images FOLDER, or write exits[].accuracy yourself and list lossless codecs only"
        )
    if measure is not None or spec.output == "tensor":
        check_measure(network, measure or usual_measure(spec.output, has_labels=False))
    wants_labels = spec.output == "labels" if measure is None else MEASURES[measure].needs_labels
    inputs = (
        held_out_data(spec, use_labels=wants_labels)
        if images is None
        else read_labelled(images, spec, use_labels=wants_labels)
    )
    measure = measure or usual_measure(spec.output, has_labels=inputs.has_labels)
    if MEASURES[measure].needs_labels and not inputs.has_labels:
        raise no_labels(str(images or spec.held_out), spec, inputs.unknown_labels)
    return inputs, measure


def _why_not_accuracy(inputs: "Labelled", spec: "Pipeline") -> str:
    """Why accuracy is not known, where answers are labels; else nothing."""
    from edgent.inputs.unknown_labels import not_known

    if spec.output != "labels" or inputs.has_labels:
        return ""
    reason = not_known(inputs.unknown_labels, spec) if inputs.unknown_labels else "no input has a label"
    return f"{reason}, so accuracy is not known: "


def _say_what_is_measured(console: Console, measure: str, reason: str) -> None:
    from edgent.accuracy.measures.registry import MEASURES

    if measure == ACCURACY:
        return
    console.print(
        f"{reason}measuring {measure}, {MEASURES[measure].summary}", highlight=False, soft_wrap=True
    )


def _of_inputs(accuracies: "CodecAccuracies") -> str:
    return f"{accuracies.measure} on {counted(accuracies.images, 'input')}"


def _in_place_of(network: "Network") -> str | None:
    """The accuracies that the spec has so far: what they are, and of how many inputs if that is known."""
    from edgent.accuracy.codec_accuracy import read_accuracies

    spec = network.spec
    if all(exit_.accuracy is None for exit_ in spec.exits):
        return None
    if spec.codecs.accuracy is not None:
        with suppress(StaleFileError):
            before = read_accuracies(spec.resolve(spec.codecs.accuracy), network.graph.sha256)
            return _of_inputs(before)
    return "those that the spec stated"


def _write(pipeline: "Pipeline", accuracies: "CodecAccuracies") -> Path:
    """Write what was measured beside the spec and into it; returns the file beside it."""
    from edgent.spec.edit import write_values

    relative = pipeline.codecs.accuracy or f"{pipeline.name}/codec_accuracy.yaml"
    file = pipeline.resolve(relative)
    accuracies.write(file)
    values: dict[tuple[str | int, ...], Any] = {
        ("exits", index, "accuracy"): round(exit_.accuracy, 4) for index, exit_ in enumerate(accuracies.exits)
    }
    if pipeline.codecs.accuracy is None:
        values["codecs", "accuracy"] = relative
    write_values(pipeline.file, values)
    return file
