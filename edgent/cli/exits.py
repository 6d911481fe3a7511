"""``edgent exits``: attach exits to the network of a spec, and train them on photos."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from edgent.cli.left_out import say_what_was_left_out
from edgent.cli.spec_file import SpecFile
from edgent.command_line import add_command
from edgent.errors import SpecError
from edgent.extras import require
from edgent.fitted_table import print_fitted, table_console
from edgent.spec import Pipeline, read_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.exits.making import MadeExits
    from edgent.exits.record import ExitsRecord
    from edgent.inputs.photo_list import Photo


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        exits,
        "edgent exits own.yaml",
        "edgent exits own.yaml --count 6",
    )


CountOption = Annotated[
    int,
    typer.Option(min=2, max=32, metavar="COUNT", help="Number of exits at most, the last included."),
]
SeedOption = Annotated[int, typer.Option(min=0, metavar="NUMBER", help="Seed of all random choices.")]
ThreadsOption = Annotated[
    int, typer.Option(min=1, max=256, metavar="COUNT", help="Number of photos read at once.")
]


def exits(spec: SpecFile, count: CountOption = 4, seed: SeedOption = 0, threads: ThreadsOption = 2) -> None:
    """Attach exits to a network that has one output, and train them on the spec's photos.

    The network's own layers stay as they are, bit for bit. An exit is one linear layer on a pooled
    activation: it learns the photos' labels or, where there are none, the network's own answers. Exits are
    tried along the network and, where it takes pictures of other sizes, along it on smaller ones, too. An
    interrupted run goes on where it stopped.
    """
    require("scipy")
    from edgent.cli.phase_progress import phase_progress
    from edgent.exits.making import make_exits
    from edgent.network import Network

    pipeline = read_spec(spec)
    train = _photos(pipeline, pipeline.data.train, "train")
    held_out = _photos(pipeline, pipeline.data.held_out, "held_out")
    console = table_console()
    with phase_progress() as progress:
        made = make_exits(
            Network.open(pipeline),
            train,
            held_out,
            count=count,
            seed=seed,
            threads=threads,
            progress=progress,
        )
    say_what_was_left_out(made.left_out)
    file = _write(pipeline, made)
    print_fitted(_table(made.record), console, (_SHARE,))
    console.print(_said(made, count), highlight=False, soft_wrap=True)
    console.print(f"written: {file}, and its exits in {spec}", highlight=False, soft_wrap=True)
    if pipeline.codecs.accuracy is not None or pipeline.regressors is not None:
        console.print(
            f"{spec} no longer names accuracies and profiles, which were of the network before: run "
            "edgent evaluate and edgent profile again",
            style="yellow",
            highlight=False,
            soft_wrap=True,
        )


def _photos(pipeline: Pipeline, source: str | None, key: str) -> "Sequence[Photo]":
    """The photos that a spec names under ``data``."""
    from edgent.inputs.photo_folder import photos_in
    from edgent.inputs.photo_list import LIST_SUFFIX, read_list

    if source is None:
        raise SpecError(
            f"{pipeline.file} names no data.{key}: write a folder of labelled folders of photos, or a "
            f"{LIST_SUFFIX} file that lists photos; `edgent new` makes both sets out of one folder"
        )
    path = pipeline.resolve(source)
    if path.suffix.lower() == LIST_SUFFIX:
        return read_list(path)
    if not path.is_dir():
        raise SpecError(
            f"{pipeline.file}: data.{key}: {path} is no folder of photos and no {LIST_SUFFIX} file"
        )
    found = photos_in(path)
    say_what_was_left_out(found.left_out)
    return found.photos


def _write(pipeline: Pipeline, made: "MadeExits") -> Path:
    """Write network and record, and then let the spec name them, all at once."""
    from edgent.graph.cache import write_whole
    from edgent.spec.edit import write_values

    name = f"{pipeline.name}/network.onnx"
    if pipeline.resolve(name) == pipeline.resolve(pipeline.model.file):
        name = f"{pipeline.name}/network-exits.onnx"
    file = pipeline.resolve(name)
    write_whole(file, made.content)
    file.chmod(0o644)  # unlike a file of the cache it is for others, too
    made.record.write(pipeline.resolve(f"{pipeline.name}/exits.yaml"))
    rows = [
        {
            "name": exit_.exit,
            **({} if output == exit_.exit else {"output": output}),
            "accuracy": exit_.held_out,
        }
        for exit_, output in zip(made.record.exits, made.outputs, strict=True)
    ]
    values: dict[tuple[str | int, ...], Any] = {
        ("model", "file"): name,
        ("model", "sha256"): made.record.made_by.model_sha256,
        ("exits",): rows,
        ("codecs", "accuracy"): None,
        ("regressors",): None,
    }
    if made.teacher.classes != pipeline.input.labels:
        values[("input", "labels")] = list(made.teacher.classes)
        values[("input", "labels_file")] = None
    write_values(pipeline.file, values)
    return file


_SHARE = "share of the work"


def _table(record: "ExitsRecord") -> Table:
    """The exits, with what each costs and how good it is."""
    measure = "right on held-out photos" if record.taught_by == "labels" else "agrees with the network"
    table = Table(
        "exit",
        "reads",
        title=f"{record.photos:,} photos, {record.held_out:,} held out",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for heading in (_SHARE, measure):
        table.add_column(heading, justify="right", no_wrap=True)
    for exit_ in record.exits:
        table.add_row(exit_.exit, _reads(exit_.place), f"{exit_.share:.2f}", f"{exit_.held_out:.4f}")
    return table


def _reads(place: str) -> str:
    """What an exit at a place reads."""
    if place == "output":
        return "the network's output"
    point, _, size = place.partition("@")
    return f"{size} pixels at {point}" if size else f"the trunk at {point}"


def _said(made: "MadeExits", count: int) -> str:
    """What a user should know of how the exits came about."""
    teacher = made.teacher
    taught = "the photos' labels" if teacher.uses_labels else "the network's own answers, having no labels"
    last = (
        "the last one is the network's own output"
        if teacher.keeps_classifier
        else f"the last one, too, because the network did not know these {len(teacher.classes)} classes"
    )
    sentences = [f"The exits learnt {taught}; {last}."]
    if len(made.names) < count:
        sentences.append(
            f"{count} exits were asked for: more than {len(made.names)} would not answer better."
        )
    if made.whole_only:
        sentences.append(f"None was tried on smaller pictures: {made.whole_only}.")
    return " ".join(sentences)
