"""``edgent new``: a pipeline of the user's own, from a shipped one or from an ONNX file and photos."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from edgent.cli.left_out import say_what_was_left_out
from edgent.command_line import add_command
from edgent.errors import SpecError
from edgent.extras import require
from edgent.fitted_table import print_fitted, table_console
from edgent.shipped import copy_pipeline, shipped_pipelines

if TYPE_CHECKING:
    from edgent.new_pipeline.request import Request


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        new,
        "edgent new birds --model efficientnet.onnx --photos photos --exits 6",
        "edgent new cameras --model resnet18.onnx --labels imagenet.txt --out /srv/pipelines",
        "edgent new --example lenet",
    )


NameArgument = Annotated[str | None, typer.Argument(metavar="[NAME]", help="Name of the new pipeline.")]
ModelOption = Annotated[Path | None, typer.Option(metavar="FILE", help="The network, an ONNX file.")]
PhotosOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Photos to train and measure with: in a folder for each class, or without labels in one folder. "
        "Folders train and held_out divide them; else a quarter is held out.",
    ),
]
LabelsOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Names of the network's classes, one on each line."),
]
ExitsOption = Annotated[
    int,
    typer.Option(
        min=1,
        max=32,
        metavar="COUNT",
        help="Number of exits at most, the last included; 1 for no new ones.",
    ),
]
PixelsOption = Annotated[
    str,
    typer.Option(
        metavar="WAY",
        help="How the network wants its pixels: imagenet, symmetric, unit, pixels or caffe; auto tries them, "
        "none leaves the input as it is.",
    ),
]
OutputOption = Annotated[
    list[str] | None,
    typer.Option("--output", metavar="NAME", help="Output that is an exit, where not all of them are."),
]
OutOption = Annotated[Path, typer.Option(metavar="FOLDER", help="Folder that gets the spec and its files.")]
BudgetOption = Annotated[
    float, typer.Option("--budget-s", min=1, max=86_400, metavar="SECONDS", help="Time of each measurement.")
]
SeedOption = Annotated[int, typer.Option(min=0, metavar="NUMBER", help="Seed of all random choices.")]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run stopped.")]
ExampleOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=f"Copy a pipeline that ships with edgent instead: {', '.join(shipped_pipelines())}.",
        autocompletion=lambda: list(shipped_pipelines()),
    ),
]


def new(
    name: NameArgument = None,
    model: ModelOption = None,
    photos: PhotosOption = None,
    labels: LabelsOption = None,
    output: OutputOption = None,
    exits: ExitsOption = 4,
    pixels: PixelsOption = "auto",
    out: OutOption = Path("pipelines"),
    budget_s: BudgetOption = 60.0,
    seed: SeedOption = 0,
    resume: ResumeOption = False,
    example: ExampleOption = None,
) -> None:
    """Make a pipeline out of an ONNX file and a folder of photos, ready to run.

    The pixels' normalisation is put into the network, exits are attached where it has one output (`edgent
    exits`), their accuracy and that of lossy codecs is measured (`edgent evaluate`), this machine is timed
    (`edgent profile`), and plans are printed (`edgent plan`). Nothing that is there already is overwritten.
    """
    from edgent.new_pipeline.request import Request, kept_request

    given = (model, photos, labels, output)
    if example is not None:
        if any(option is not None for option in (name, *given)) or resume:
            raise SpecError("--example copies a pipeline as it is: of the other options it takes --out only")
        _copy(example, out)
        return
    if resume and name is not None:
        if any(option is not None for option in given):
            raise SpecError("--resume goes on with the options of the first run: give NAME and --out only")
        _complete(kept_request(name, out))
        return
    if name is None or model is None:
        raise SpecError("edgent new needs a NAME and --model FILE.onnx, or --example NAME")
    request = Request(name, out, model, photos, labels, tuple(output or ()), exits, pixels, seed, budget_s)
    _complete(request, is_new=True)


def _copy(example: str, out: Path) -> None:
    spec = copy_pipeline(example, out)
    console = Console()
    console.print(f"wrote {spec} and {spec.with_suffix('')}/", highlight=False)
    console.print(f"look at it: edgent show {spec}", highlight=False)
    console.print(f"build what TorchServe serves: edgent archive {spec}", highlight=False)


def _complete(request: "Request", *, is_new: bool = False) -> None:
    """Make whatever the pipeline still lacks, each by the command that makes it."""
    if request.photos is not None:
        require("scipy")
    from edgent.cli.plan import plan
    from edgent.spec import read_spec

    spec, console = request.spec, Console()
    if is_new or not spec.is_file():
        _write(request, is_new=is_new)
    if read_spec(spec).held_out is None:
        request.complete()
        console.print(_without_photos(spec), highlight=False, soft_wrap=True, style="yellow")
        return
    _measure(request)
    request.complete()
    console.rule(f"edgent plan {spec}")
    plan(spec)
    console.print(_what_next(spec), highlight=False, soft_wrap=True)


def _write(request: "Request", *, is_new: bool) -> None:
    """The network, names of classes, lists of photos, and the spec."""
    from edgent.cli.phase_progress import phase_progress
    from edgent.new_pipeline.finding_out import find_out
    from edgent.new_pipeline.remarks import doubts, remarks
    from edgent.new_pipeline.writing import write_pipeline
    from edgent.show.pixel_table import LEAST_OF_PIXELS, pixel_table

    if is_new:
        request.check_is_new()
    console = Console()
    with phase_progress() as progress:
        findings = find_out(request, progress)
    if is_new:
        request.keep()
    write_pipeline(request, findings)
    for sentence in remarks(findings):
        console.print(sentence, highlight=False, soft_wrap=True)
    if findings.pixels.figures:
        print_fitted(pixel_table(findings.pixels), table_console(), LEAST_OF_PIXELS)
    for sentence in doubts(findings):
        Console(stderr=True).print(sentence, highlight=False, soft_wrap=True, style="yellow")
    if findings.photos is not None:
        say_what_was_left_out(findings.photos.left_out)
    console.print(f"wrote {request.spec} and {request.files}/", highlight=False, soft_wrap=True)


def _measure(request: "Request") -> None:
    """Exits, accuracies and times, each if it is not there yet."""
    from edgent.cli.evaluate import evaluate
    from edgent.cli.exits import exits
    from edgent.cli.profile import profile
    from edgent.new_pipeline.missing import lacks_accuracies, lacks_exits
    from edgent.new_pipeline.writing import remove_leftovers
    from edgent.spec import read_spec

    spec, console = request.spec, Console()
    if lacks_exits(read_spec(spec)):
        console.rule(f"edgent exits {spec}")
        exits(spec, request.exits, request.seed)
    remove_leftovers(read_spec(spec))
    if lacks_accuracies(read_spec(spec)):
        console.rule(f"edgent evaluate {spec}")
        evaluate(spec, 2 * request.budget_s, request.seed)
    for node in ("device", "edge"):
        console.rule(f"edgent profile {spec} --node {node}")
        profile(spec, node, request.budget_s, resume=True)


def _without_photos(spec: Path) -> str:
    return (
        f"Without photos, {spec} has the network's own exits only, and no accuracies. To have "
        "them, name data.train and data.held_out in it and run edgent exits, evaluate and profile; or remove "
        "it, and begin anew with --photos FOLDER.\n"
        f"It runs with a fixed plan all the same: edgent archive {spec}, then\n"
        f"edgent-device --pipeline {spec} --plan exit1:p1 --input PHOTO"
    )


def _what_next(spec: Path) -> str:
    return f"""
What next:
  edgent archive {spec}
      builds what TorchServe serves
  edgent serve edgent-device --pipeline {spec} --input test
      starts it and answers the held-out photos
  edgent profile {spec} --node edge
      on the edge server: until then the times of this machine stand for its own
  edgent plan {spec} --slowdown 20
      for a device that is 20 times slower than this machine"""
