"""The command ``edgent-device``: answers inputs with half the network here and half on the edge."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.text import Text

from device_runtime.opening import check_plan
from device_runtime.report import Row, answer_table, plan_table
from device_runtime.runtime import DeviceRuntime
from edgent.command_line import Version, add_command
from edgent.command_line import run as run_command
from edgent.errors import InputError
from edgent.inputs import NamedInput, check_input, read_inputs
from edgent.planning.plan import Plan
from edgent.shipped import spec_path
from edgent.spec.completion import complete_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgent.spec import Pipeline

_TEST_SET = "test"
_MOST_ROWS = 40  # more inputs than this are summed up, a row for each plan
_MOST_EVENTS = 20


PipelineOption = Annotated[
    Path,
    typer.Option(
        metavar="SPEC",
        help="The pipeline spec, a YAML file, or the name of a shipped pipeline.",
        autocompletion=complete_spec,
        callback=spec_path,
    ),
]
SourceOption = Annotated[
    str | None,
    typer.Option(
        "--input",
        metavar="PATH",
        help="An image, a .npy array, a folder of these, or the word test for held-out data; "
        "by default the spec's samples.",
    ),
]
LatencyMsOption = Annotated[
    float | None,
    typer.Option(min=0.001, metavar="MS", help="Latency requirement; by default the spec's."),
]
PlanOption = Annotated[
    list[str] | None,
    typer.Option(metavar="PLAN", help="Fixed plan, such as exit3:p7:webp:uint8; several are run in turn."),
]
UrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="EDGENT_INFERENCE_URL",
        help="The edge's inference URL; by default the spec's.",
    ),
]
GrpcUrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="EDGENT_GRPC_URL",
        help="The edge's gRPC URL; by default the spec's, or none if --url is given.",
    ),
]
TokenFileOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="EDGENT_TOKEN_FILE",
        help="TorchServe's key_file.json; by default the spec's.",
    ),
]
CountOption = Annotated[int | None, typer.Option(min=1, help="Number of inputs to run; by default all.")]
RepeatOption = Annotated[
    int, typer.Option(min=1, max=1_000_000, help="Number of times that the inputs are run.")
]
AsJsonOption = Annotated[bool, typer.Option("--json", help="Print a line of JSON for each answer.")]


def run(
    pipeline: PipelineOption,
    source: SourceOption = None,
    latency_ms: LatencyMsOption = None,
    plan: PlanOption = None,
    url: UrlOption = None,
    grpc_url: GrpcUrlOption = None,
    token_file: TokenFileOption = None,
    count: CountOption = None,
    repeat: RepeatOption = 1,
    as_json: AsJsonOption = False,
    _version: Version = False,
) -> None:
    """Answer inputs with the head of the network on the edge and its tail on this device.

    The plan of each input is chosen from the measured link, unless --plan fixes it. Where the edge fails, the
    input is answered here, and the reason is shown.
    """
    plans = [Plan.parse(text) for text in plan or []]
    with DeviceRuntime.open(
        pipeline,
        plan=plans[0] if plans else None,
        inference_url=url,
        grpc_url=grpc_url,
        token_file=token_file,
    ) as runtime:
        spec = runtime.network.spec
        if runtime.edge_error is not None:
            _tell(Console(stderr=True), "warning: ", "yellow", runtime.edge_error)
        for other in plans[1:]:
            check_plan(runtime.network, other)
        in_turn: list[Plan | None] = [*plans] if len(plans) > 1 else [None]
        requirement_s = latency_ms / 1e3 if latency_ms else None
        inputs = list(itertools.islice(_inputs(source, spec), count))
        todo = [item for _ in range(repeat) for item in inputs]
        rows, broken = _answer(runtime, todo, in_turn, requirement_s, as_json)
    if rows and not as_json:
        _show(spec, rows)
    _report_trouble(Console(stderr=True), rows, broken)
    if broken:
        raise typer.Exit(1)


def _answer(
    runtime: DeviceRuntime,
    inputs: Sequence[NamedInput],
    plans: Sequence[Plan | None],
    latency_requirement_s: float | None,
    as_json: bool,
) -> tuple[list[Row], list[NamedInput]]:
    """Answer inputs, each by every plan, and tell apart those that could not be read."""
    rows: list[Row] = []
    broken: list[NamedInput] = []
    is_quiet = as_json or len(inputs) <= _MOST_ROWS
    name = runtime.network.spec.name
    for index, item in enumerate(track(inputs, name, console=Console(stderr=True), disable=is_quiet)):
        if item.tensor is None:
            broken.append(item)
            _print_json(as_json, index, item, {"error": item.error})
            continue
        for plan in plans:
            answer = runtime.infer(item.tensor, latency_requirement_s, plan)
            rows.append(Row(item.name, item.expected, answer))
            _print_json(as_json, index, item, answer.to_json())
    return rows, broken


def _inputs(source: str | None, spec: Pipeline) -> Iterator[NamedInput]:
    """What to run: the given files, the held-out data, or the spec's samples."""
    if source == _TEST_SET and spec.training is not None:
        from edgent.datasets.registry import DATASETS  # noqa: PLC0415  a device has no data sets

        split = DATASETS[spec.training.dataset].held_out()
        for index, (image, label) in enumerate(zip(split.images, split.labels, strict=True)):
            expected = spec.input.labels[int(label)]
            yield NamedInput(f"{spec.training.dataset} {index}", check_input(image, spec), expected=expected)
        return
    if source is None and spec.input.samples is None:
        raise InputError(
            f"{spec.file} names no input.samples: say what to run with --input IMAGE, FOLDER, .npy or test"
        )
    yield from read_inputs(Path(source) if source else spec.resolve(spec.input.samples or ""), spec)


def _print_json(wanted: bool, index: int, item: NamedInput, outcome: dict[str, object]) -> None:
    if wanted:
        typer.echo(json.dumps({"index": index, "input": item.name, "expected": item.expected} | outcome))


def _show(spec: Pipeline, rows: Sequence[Row]) -> None:
    console = Console()
    console = Console(width=max(console.width, 124))
    plans = {row.answer.wanted for row in rows}
    if len(rows) <= _MOST_ROWS and len(plans) == 1:
        console.print(answer_table(spec.name, rows))
    else:
        console.print(plan_table(f"{spec.name}: medians of each plan", rows))
    known = [row for row in rows if row.expected is not None]
    if known:
        right = sum(row.expected == row.answer.label for row in known)
        console.print(f"accuracy {right / len(known):.4f}: {right} of {len(known)} right", highlight=False)
    events = [event for row in rows for event in _events(row)]
    for event in events[:_MOST_EVENTS]:
        console.print(event, highlight=False)
    if len(events) > _MOST_EVENTS:
        console.print(f"and {len(events) - _MOST_EVENTS} more changes: see --json", highlight=False)


def _events(row: Row) -> Iterator[str]:
    """What changed before an answer: the bandwidth's state, the plan."""
    answer = row.answer
    if answer.state_changed and answer.bandwidth_bps is not None:
        yield f"{row.name}: another bandwidth state, about {answer.bandwidth_bps / 1e3:,.0f} kbps"
    if answer.switched:
        yield f"{row.name}: now {answer.wanted}, which {answer.switched}"


def _report_trouble(console: Console, rows: Sequence[Row], broken: Sequence[NamedInput]) -> None:
    for item in broken:
        _tell(console, "not run ", "red", f"{item.name}: {item.error}")
    reasons = Counter(row.answer.edge_error for row in rows if row.answer.edge_error)
    for reason, count in reasons.most_common():
        _tell(console, "answered here instead ", "yellow", f"{count} of {len(rows)}: {reason}")


def _tell(console: Console, what: str, style: str, reason: str) -> None:
    """Print a line, whatever its length."""
    console.print(Text.assemble((what, style), reason), soft_wrap=True)


application = typer.Typer(rich_markup_mode="rich")
add_command(
    application,
    run,
    "edgent-device --pipeline pipelines/lenet.yaml",
    "edgent-device --pipeline pipelines/alexnet.yaml --input cat.png --latency-ms 50",
    "edgent-device --pipeline pipelines/alexnet.yaml --input photos --plan exit3:p7:webp:uint8",
    "edgent-device --pipeline pipelines/alexnet.yaml --input test --count 1000 --json",
)


def main() -> None:
    """Run the command."""
    run_command(application)
