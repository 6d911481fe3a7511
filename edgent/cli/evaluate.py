"""``edgent evaluate``: accuracy of every exit on held-out data, with and without lossy codecs."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from edgent.cli.spec_file import SpecFile
from edgent.command_line import add_command
from edgent.errors import SpecError
from edgent.spec import read_spec

if TYPE_CHECKING:
    from edgent.accuracy.codec_accuracy import CodecAccuracies


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        evaluate,
        "edgent evaluate pipelines/lenet.yaml",
        "edgent evaluate pipelines/alexnet.yaml --budget-s 600",
    )


def evaluate(
    spec: SpecFile,
    budget_s: Annotated[
        float,
        typer.Option(
            "--budget-s", min=0.1, max=86_400, metavar="SECONDS", help="Time spent on lossy codecs."
        ),
    ] = 120.0,
    seed: Annotated[int, typer.Option(help="Seed of the choice of images.")] = 0,
) -> None:
    """Measure the accuracy of every exit on held-out data, with and without lossy codecs at every cut.

    The accuracy of the exits is written into the spec, that of the codecs into a file beside it. Plans use
    a lossy codec only if its accuracy is known.
    """
    from edgent.accuracy.evaluation import evaluate_codecs
    from edgent.cli.phase_progress import phase_progress
    from edgent.datasets.registry import DATASETS
    from edgent.network import Network
    from edgent.spec.edit import write_values

    pipeline = read_spec(spec)
    if pipeline.training is None:
        raise SpecError(
            f"{spec}: no training.dataset to evaluate on: name one, or write exits[].accuracy yourself and "
            "list lossless codecs only"
        )
    network = Network.open(pipeline)
    held_out = DATASETS[pipeline.training.dataset].held_out()
    console = Console()
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
    console.print(f"written: {file}, and the accuracies in {spec}", highlight=False, soft_wrap=True)


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
