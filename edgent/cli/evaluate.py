"""``edgent evaluate``: accuracy of every exit, and what the codecs cost of it, on held-out data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from edgent.errors import SpecError
from edgent.spec import read_spec

if TYPE_CHECKING:
    from edgent.accuracy.codec_accuracy import CodecAccuracies


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(evaluate)


def evaluate(
    spec: Annotated[Path, typer.Argument(help="The pipeline spec, a YAML file.")],
    budget_s: Annotated[
        float, typer.Option("--budget-s", min=0.1, max=86_400, help="Seconds for the lossy codecs.")
    ] = 120.0,
    seed: Annotated[int, typer.Option(help="Of the choice of images to compare.")] = 0,
) -> None:
    """Measure every exit on held-out data, with and without lossy codecs at every cut.

    The accuracy of the exits is written into the spec, that of the codecs into a file beside it; only lossy
    codecs whose accuracy is known are planned with.
    """
    from edgent.accuracy.evaluation import evaluate_codecs
    from edgent.cli.phase_progress import phase_progress
    from edgent.datasets.registry import DATASETS
    from edgent.network import Network
    from edgent.spec.edit import write_values

    pipeline = read_spec(spec)
    if pipeline.training is None:
        raise SpecError(
            f"{spec}: no training.dataset to evaluate on: name one, or state exits[].accuracy yourself and "
            "offer lossless codecs only"
        )
    network = Network.open(pipeline)
    held_out = DATASETS[pipeline.training.dataset].held_out()
    console = Console()
    with phase_progress(console) as progress:
        found = evaluate_codecs(
            network, held_out.images, held_out.labels, budget_s=budget_s, seed=seed, progress=progress
        )
    relative = pipeline.codecs.accuracy or f"{pipeline.name}/codec_accuracy.yaml"
    file = pipeline.resolve(relative)
    found.write(file)
    values: dict[tuple[str | int, ...], Any] = {
        ("exits", index, "accuracy"): round(one.accuracy, 4) for index, one in enumerate(found.exits)
    }
    if pipeline.codecs.accuracy is None:
        values["codecs", "accuracy"] = relative
    write_values(spec, values)
    console.print(
        f"accuracy of {pipeline.name} on {found.images:,} held-out images; under lossy codecs at the cut "
        f"where they cost most, on {found.compared:,} of them",
        highlight=False,
    )
    console.print(_table(found))
    console.print(f"written: {file}, and the accuracies in {spec}", highlight=False, soft_wrap=True)


def _table(found: "CodecAccuracies") -> Table:
    """Every exit without loss, and the most that each lossy pair of codecs costs it at any cut."""
    pairs = list(dict.fromkeys((one.input_codec, one.activation_codec) for one in found.changes))
    table = Table("exit")
    for heading in ("lossless", *(f"{source} in, {activation} back" for source, activation in pairs)):
        table.add_column(heading, justify="right")
    for one in found.exits:
        accuracy = found.by_exit[one.exit]
        table.add_row(one.exit, f"{one.accuracy:.4f}", *(f"{accuracy[pair]:.4f}" for pair in pairs))
    return table
