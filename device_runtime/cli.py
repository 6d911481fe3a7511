"""The command ``edgent-device``: answers inputs with half the network here and half on the edge."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path  # noqa: TC003  typer reads it at run time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from device_runtime.inputs import read_inputs
from device_runtime.report import answer_table
from device_runtime.runtime import DeviceRuntime
from edgent.errors import EdgentError, InputError
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from device_runtime.answer import Answer
    from edgent.spec import Pipeline

_EXAMPLES = """
[bold]Examples[/]

[cyan]edgent-device --pipeline pipelines/lenet.yaml[/] runs the pipeline's own samples

[cyan]edgent-device --pipeline pipelines/alexnet.yaml --input cat.png --latency-ms 50[/]

[cyan]edgent-device --pipeline pipelines/alexnet.yaml --input photos --plan exit3:p7:webp:uint8[/]

[cyan]edgent-device --pipeline pipelines/alexnet.yaml --input images.npy --json[/]
"""

application = typer.Typer(add_completion=False, rich_markup_mode="rich")


@application.command(epilog=_EXAMPLES)
def run(
    pipeline: Annotated[Path, typer.Option(help="The pipeline spec, a YAML file.")],
    source: Annotated[
        Path | None,
        typer.Option(
            "--input", help="An image, a .npy array, or a folder of these; else the spec's samples."
        ),
    ] = None,
    latency_ms: Annotated[
        float | None, typer.Option(min=0.001, max=1e9, help="Latency requirement; else the spec's.")
    ] = None,
    plan: Annotated[
        str | None, typer.Option(help="A fixed plan, e.g. exit3:p7 or exit3:p7:webp:uint8.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(envvar="EDGENT_INFERENCE_URL", help="The edge's inference URL; else the spec's."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(envvar="EDGENT_TOKEN_FILE", help="TorchServe's key_file.json; else the spec's."),
    ] = None,
    repeat: Annotated[int, typer.Option(min=1, max=1_000_000, help="Run all inputs so many times.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each input.")] = False,
) -> None:
    """Answer inputs with the head of the network on the edge and its tail here.

    An edge that fails costs no answer: the input is answered here, and the reason is shown.
    """
    with DeviceRuntime.open(
        pipeline,
        plan=Plan.parse(plan) if plan else None,
        inference_url=url,
        token_file=token_file,
    ) as runtime:
        spec = runtime.network.spec
        requirement_s = latency_ms / 1e3 if latency_ms else None
        rows: list[tuple[str, Answer]] = []
        broken: list[tuple[str, str]] = []
        for _ in range(repeat):
            for name, answer in _answers(runtime, _default_input(source, spec), requirement_s):
                if isinstance(answer, str):
                    broken.append((name, answer))
                else:
                    rows.append((name, answer))
                if as_json:
                    outcome = {"error": answer} if isinstance(answer, str) else answer.to_json()
                    typer.echo(json.dumps({"input": name} | outcome))
    console = Console(stderr=as_json)
    if not as_json and rows:
        Console(width=max(console.width, 120)).print(answer_table(spec.name, rows))
    _report_trouble(Console(stderr=True), rows, broken)
    if broken:
        raise typer.Exit(1)


def _default_input(source: Path | None, spec: Pipeline) -> Path:
    if source is not None:
        return source
    if spec.input.samples is None:
        raise InputError(
            f"{spec.file} names no input.samples: say what to run with --input IMAGE, FOLDER or .npy"
        )
    return spec.resolve(spec.input.samples)


def _answers(
    runtime: DeviceRuntime, source: Path, requirement_s: float | None
) -> Iterator[tuple[str, Answer | str]]:
    for item in read_inputs(source, runtime.network.spec):
        if item.tensor is None:
            yield item.name, item.error or "unreadable"
        else:
            yield item.name, runtime.infer(item.tensor, requirement_s)


def _report_trouble(console: Console, rows: list[tuple[str, Answer]], broken: list[tuple[str, str]]) -> None:
    for name, reason in broken:
        console.print(Text.assemble(("not run ", "red"), f"{name}: {reason}"), soft_wrap=True)
    reasons = Counter(answer.edge_error for _, answer in rows if answer.edge_error)
    for reason, count in reasons.most_common():
        text = Text.assemble(("answered here instead ", "yellow"), f"{count} of {len(rows)}: {reason}")
        console.print(text, soft_wrap=True)


def main() -> None:
    """Run the command; a mistake of the user's is a sentence, not a traceback."""
    try:
        application()
    except EdgentError as error:
        Console(stderr=True).print(Text.assemble(("error: ", "bold red"), str(error)), soft_wrap=True)
        sys.exit(2)
