"""``edgent train``: train the network that a spec declares, and write its accuracy into the spec."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from edgent.cli.spec_file import SpecFile
from edgent.command_line import add_command
from edgent.errors import SpecError
from edgent.spec import read_spec


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        train,
        "edgent train pipelines/lenet.yaml",
        "edgent train pipelines/alexnet.yaml --minutes 60 --resume",
    )


EpochsOption = Annotated[
    int | None,
    typer.Option(min=1, metavar="COUNT", help="Epochs at most; by default the network's own number."),
]
MinutesOption = Annotated[
    float | None, typer.Option(min=0.01, metavar="MINUTES", help="Minutes of training at most.")
]
SeedOption = Annotated[int, typer.Option(min=0, metavar="NUMBER", help="Seed of all random choices.")]
ExitWeightsOption = Annotated[
    str | None,
    typer.Option(metavar="NUMBERS", help="Weight of each exit in the loss, shallow to deep: 1.0,0.3."),
]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Continue from the last checkpoint.")]
ThreadsOption = Annotated[int, typer.Option(min=1, max=256, metavar="COUNT", help="Threads that torch uses.")]


def train(
    spec: SpecFile,
    epochs: EpochsOption = None,
    minutes: MinutesOption = None,
    seed: SeedOption = 0,
    exit_weights: ExitWeightsOption = None,
    resume: ResumeOption = False,
    threads: ThreadsOption = 2,
) -> None:
    """Train all exits jointly, export the network to ONNX, and write accuracy and digest into the spec.

    Checkpoints are kept in runs/NAME, from which --resume continues an interrupted training.
    """
    from edgent.spec.edit import write_values
    from edgent.training.offline import TrainingConfig
    from edgent.training.offline import train as run_training
    from edgent.training.progress import progress_bar

    pipeline = read_spec(spec)
    if pipeline.training is None:
        raise SpecError(
            f"{spec} has no section training: name network and dataset there, or bring your own ONNX file"
        )
    console = Console()
    config = TrainingConfig(
        network=pipeline.training.network,
        dataset=pipeline.training.dataset,
        output=pipeline.resolve(pipeline.model.file),
        checkpoints=Path("runs") / pipeline.name,
        epochs=epochs,
        time_budget_s=None if minutes is None else minutes * 60,
        seed=seed,
        exit_weights=_weights(exit_weights),
        resume=resume,
        threads=threads,
    )
    with progress_bar() as progress:
        record = run_training(config, progress=progress)
    values: dict[tuple[str | int, ...], Any] = {("model", "sha256"): record.sha256}
    table = Table("exit", "training", "held out", title=f"accuracy of {pipeline.name}", title_justify="left")
    for index, exit_ in enumerate(pipeline.exits):
        values["exits", index, "accuracy"] = round(record.accuracy_test[index], 4)
        table.add_row(exit_.name, f"{record.accuracy_train[index]:.4f}", f"{record.accuracy_test[index]:.4f}")
    write_values(spec, values)
    console.print(table)
    console.print(f"written: {config.output} and the figures in {spec}", highlight=False)


def _weights(text: str | None) -> tuple[float, ...] | None:
    if text is None:
        return None
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"--exit-weights {text}: write numbers and commas, such as 1.0,0.3"
        ) from None
