"""``edgent evaluate``: accuracy of every exit on held-out data, with and without lossy codecs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from edgent.cli.spec_file import SpecFile
from edgent.command_line import add_command
from edgent.errors import SpecError
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.accuracy.codec_accuracy import CodecAccuracies

_MOST_REASONS = 10


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        evaluate,
        "edgent evaluate pipelines/lenet.yaml",
        "edgent evaluate pipelines/alexnet.yaml --budget-s 600",
        "edgent evaluate flowers.yaml --images photos",
    )


BudgetOption = Annotated[
    float,
    typer.Option("--budget-s", min=0.1, max=86_400, metavar="SECONDS", help="Time spent on lossy codecs."),
]
SeedOption = Annotated[int, typer.Option(help="Seed of the choice of images.")]
ImagesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Labelled inputs in place of the spec's: a folder with a subfolder for each label, or an "
        ".npz file of images and labels.",
    ),
]


def evaluate(
    spec: SpecFile, budget_s: BudgetOption = 120.0, seed: SeedOption = 0, images: ImagesOption = None
) -> None:
    """Measure the accuracy of every exit on held-out data, with and without lossy codecs at every cut.

    The accuracy of the exits is written into the spec, that of the codecs into a file beside it. Plans use
    a lossy codec only if its accuracy is known.
    """
    from edgent.accuracy.evaluation import evaluate_codecs
    from edgent.cli.phase_progress import phase_progress
    from edgent.inputs.labelled import held_out_data, read_labelled
    from edgent.latency.unusable_codecs import unusable_codecs
    from edgent.network import Network
    from edgent.spec.edit import write_values

    pipeline = read_spec(spec)
    if images is None and pipeline.held_out is None:
        raise SpecError(
            f"{spec}: no data.held_out and no training.dataset to evaluate on: name one, give "
            "--images FOLDER, or write exits[].accuracy yourself and list lossless codecs only"
        )
    if pipeline.output == "tensor":
        raise SpecError(f"{spec}: output: tensor, so there are no labels to count accuracy by")
    network = Network.open(pipeline)
    labelled = held_out_data(pipeline) if images is None else read_labelled(images, pipeline)
    held_out = labelled.split
    console = Console()
    _say_what_was_left_out(labelled.left_out)
    with phase_progress(console) as progress:
        accuracies = evaluate_codecs(
            network, held_out.images, held_out.labels, budget_s=budget_s, seed=seed, progress=progress
        )
    relative = pipeline.codecs.accuracy or f"{pipeline.name}/codec_accuracy.yaml"
    file = pipeline.resolve(relative)
    accuracies.write(file)
    values: dict[tuple[str | int, ...], Any] = {
        ("exits", index, "accuracy"): round(exit_.accuracy, 4) for index, exit_ in enumerate(accuracies.exits)
    }
    if pipeline.codecs.accuracy is None:
        values["codecs", "accuracy"] = relative
    write_values(spec, values)
    console.print(
        f"accuracy of {pipeline.name} on {accuracies.images:,} held-out images; with lossy codecs on "
        f"{accuracies.compared:,} of them, at the cut where a codec costs most",
        highlight=False,
    )
    console.print(_table(accuracies))
    for reason in unusable_codecs(network, accuracies.by_exit):
        console.print(reason, style="yellow", highlight=False, soft_wrap=True)
    console.print(f"written: {file}, and the accuracies in {spec}", highlight=False, soft_wrap=True)


def _say_what_was_left_out(left_out: "Sequence[str]") -> None:
    console = Console(stderr=True)
    for reason in left_out[:_MOST_REASONS]:
        console.print(f"left out: {reason}", style="yellow", highlight=False, soft_wrap=True, markup=False)
    if len(left_out) > _MOST_REASONS:
        console.print(f"and {len(left_out) - _MOST_REASONS} more", style="yellow", highlight=False)


def _table(accuracies: "CodecAccuracies") -> Table:
    """Every exit without loss, and the most that each lossy pair of codecs costs it at any cut."""
    pairs = list(
        dict.fromkeys((change.input_codec, change.activation_codec) for change in accuracies.changes)
    )
    table = Table("exit")
    for heading in ("lossless", *(f"{source} in, {activation} back" for source, activation in pairs)):
        table.add_column(heading, justify="right")
    for exit_ in accuracies.exits:
        of_pair = accuracies.by_exit[exit_.exit]
        table.add_row(exit_.exit, f"{exit_.accuracy:.4f}", *(f"{of_pair[pair]:.4f}" for pair in pairs))
    return table
