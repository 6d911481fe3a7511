"""``edgent new``: a pipeline of the user's own, from a shipped one or from an ONNX file and photos."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from edgent.command_line import add_command
from edgent.errors import SpecError
from edgent.extras import require
from edgent.shipped import copy_pipeline, shipped_pipelines

if TYPE_CHECKING:
    from edgent.new_pipeline.request import Request


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        new,
        "edgent new flowers --model efficientnet.onnx --photos flowers --exits 6",
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
    int, typer.Option(min=1, max=32, help="Number of exits at most, the last included; 1 for no new ones.")
]
PixelsOption = Annotated[
    str,
    typer.Option(
        metavar="WAY",
        help="How the network wants its pixels: imagenet, symmetric, unit, pixels or caffe; auto tries them.",
    ),
]
OutOption = Annotated[Path, typer.Option(metavar="FOLDER", help="Folder that gets the spec and its files.")]
BudgetOption = Annotated[
    float, typer.Option("--budget-s", min=1, max=86_400, metavar="SECONDS", help="Time of each measurement.")
]
SeedOption = Annotated[int, typer.Option(help="Seed of all random choices.")]
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
    if example is not None:
        _copy(example, out, beside=(name, model, photos, labels))
        return
    if name is None or model is None:
        raise SpecError("edgent new needs a NAME and --model FILE.onnx, or --example NAME")
    if photos is not None:
        require("scipy")
    from edgent.new_pipeline.request import Request

    request = Request(name, out, model, photos, labels, exits, pixels, seed)
    if resume and request.spec.is_file():
        Console().print(f"going on with {request.spec}", highlight=False)
    else:
        _write(request, overwrites=resume)
    _complete(request, budget_s)


def _copy(example: str, out: Path, beside: tuple[object, ...]) -> None:
    if any(given is not None for given in beside):
        raise SpecError(
            "--example copies a pipeline as it is: leave NAME, --model, --photos and --labels out"
        )
    spec = copy_pipeline(example, out)
    console = Console()
    console.print(f"wrote {spec} and {spec.with_suffix('')}/", highlight=False)
    console.print(f"look at it: edgent show {spec}", highlight=False)
    console.print(f"build what TorchServe serves: edgent archive {spec}", highlight=False)


def _write(request: "Request", *, overwrites: bool) -> None:
    """The network, names of classes, lists of photos, and the spec."""
    from edgent.cli.phase_progress import phase_progress
    from edgent.new_pipeline.finding_out import find_out
    from edgent.new_pipeline.remarks import remarks
    from edgent.new_pipeline.writing import write_pipeline

    if not overwrites:
        request.check_is_new()
    console = Console()
    with phase_progress(console) as progress:
        findings = find_out(request, progress)
    write_pipeline(request, findings)
    for sentence in remarks(findings, names_given=request.labels is not None):
        console.print(sentence, highlight=False, soft_wrap=True)
    spec = request.spec
    console.print(f"wrote {spec} and {spec.with_suffix('')}/", highlight=False, soft_wrap=True)


def _complete(request: "Request", budget_s: float) -> None:
    """Whatever the pipeline still lacks, each by the command that makes it."""
    from edgent.cli.evaluate import evaluate
    from edgent.cli.exits import exits
    from edgent.cli.plan import plan
    from edgent.cli.profile import profile
    from edgent.new_pipeline.missing import lacks_accuracies, lacks_exits
    from edgent.new_pipeline.writing import remove_leftovers
    from edgent.spec import read_spec

    spec, console = request.spec, Console()
    if read_spec(spec).held_out is None:
        console.print(_without_photos(spec), highlight=False, soft_wrap=True, style="yellow")
        return
    if request.exits > 1 and lacks_exits(read_spec(spec)):
        console.rule(f"edgent exits {spec}")
        exits(spec, request.exits, request.seed)
        remove_leftovers(read_spec(spec))
    if lacks_accuracies(read_spec(spec)):
        console.rule(f"edgent evaluate {spec}")
        evaluate(spec, 2 * budget_s, request.seed)
    for node in ("device", "edge"):
        console.rule(f"edgent profile {spec} --node {node}")
        profile(spec, node, budget_s, resume=True)
    console.rule(f"edgent plan {spec}")
    plan(spec)
    console.print(_what_next(spec), highlight=False, soft_wrap=True)


def _without_photos(spec: Path) -> str:
    return (
        f"Without photos, {spec} has the network's own exits only, and no accuracies. Give --photos "
        "FOLDER, or name data.train and data.held_out in it and run edgent exits, evaluate and profile.\n"
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
