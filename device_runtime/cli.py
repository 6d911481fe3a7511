"""The command ``edgent-device``: answers inputs with half the network here and half on the edge."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import track
from rich.text import Text

from device_runtime.cli_options import (
    AsJsonOption,
    CountOption,
    EveryFrameOption,
    FpsOption,
    FrameFormatOption,
    LatencyMsOption,
    LiveHostOption,
    LiveOption,
    MetricsHostOption,
    MetricsPortOption,
    OutOption,
    PipelineOption,
    PlanOption,
    RecordOption,
    RepeatOption,
    SourcesOption,
    StreamOption,
    check_hosts,
)
from device_runtime.report import LEAST_FIRST, Row, answer_table, closing_lines, plan_table
from device_runtime.runtime import DeviceRuntime
from device_runtime.streams.command import StreamTold, answer_stream, stream_wanted
from device_runtime.watching.metrics_server import serve_metrics
from device_runtime.watching.recording import open_recorders
from device_runtime.watching.watching import Watchers
from device_runtime.written_answers import WrittenAnswers
from edgent.accuracy.measures.sentence import measure_lines
from edgent.command_line import Version, add_command
from edgent.command_line import run as run_command
from edgent.edge_options import CaFileOption, GrpcUrlOption, TokenFileOption, UrlOption
from edgent.errors import InputError, NoFileError, OutputError
from edgent.fitted_table import print_fitted, table_console
from edgent.inputs import GivenInput, given_inputs
from edgent.inputs.folder import folder_files
from edgent.inputs.unknown_labels import not_known, unknown_labels
from edgent.page.address import LOOPBACK
from edgent.plan_check import check_plan
from edgent.planning.costs import ACCURACY
from edgent.planning.plan import Plan
from edgent.planning.situation import check_requirement
from edgent.reasons import counted_reasons, in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edgent.spec import Pipeline

_TEST_SET = "test"
_MOST_ROWS = 40  # more inputs than this are summed up, a row for each plan
_MOST_EVENTS = 20


def run(
    pipeline: PipelineOption,
    sources: SourcesOption = None,
    latency_ms: LatencyMsOption = None,
    plan: PlanOption = None,
    url: UrlOption = None,
    grpc_url: GrpcUrlOption = None,
    token_file: TokenFileOption = None,
    ca_file: CaFileOption = None,
    count: CountOption = None,
    repeat: RepeatOption = 1,
    stream: StreamOption = None,
    frame_format: FrameFormatOption = None,
    fps: FpsOption = None,
    every_frame: EveryFrameOption = False,
    out: OutOption = None,
    as_json: AsJsonOption = False,
    metrics_port: MetricsPortOption = None,
    metrics_host: MetricsHostOption = None,
    record: RecordOption = None,
    live: LiveOption = None,
    live_host: LiveHostOption = None,
    _version: Version = False,
) -> None:
    """Answer inputs with the head of the network on the edge and its tail on this device.

    The plan of each input is chosen from the measured link, unless --plan fixes it. Where the edge fails, the
    input is answered here, and the reason is shown.
    """
    check_hosts(metrics_host, metrics_port, live_host, live)
    plans = [Plan.parse(text) for text in plan or []]
    wanted = stream_wanted(stream, sources, plans, repeat, frame_format, fps, every_frame)
    _tell_that_links_are_measured(given=plans)
    with DeviceRuntime.open(
        pipeline,
        plan=plans[0] if plans else None,
        inference_url=url,
        grpc_url=grpc_url,
        token_file=token_file,
        ca_file=ca_file,
    ) as runtime:
        _tell_what_is_run(runtime)
        spec, requirement_s = runtime.network.spec, _requirement_s(latency_ms)
        _check_plans(runtime, plans)
        todo = _todo(sources, spec, count, repeat) if wanted is None else iter(())
        with Watchers(WrittenAnswers(out, as_json, several_plans=len(plans) > 1)) as watchers:
            if metrics_port is not None:
                watchers.add(serve_metrics(runtime, metrics_port, metrics_host or LOOPBACK))
            for recorder in open_recorders(runtime, requirement_s, record, live, live_host or LOOPBACK):
                watchers.add(recorder)
            if wanted is not None:
                _close_stream(spec, answer_stream(runtime, wanted, requirement_s, count, watchers), as_json)
                return
            ran = _answer(runtime, todo, plans, requirement_s, watchers, is_quiet=as_json)
    _close(spec, sources, ran, is_quiet=as_json)


def _tell_that_links_are_measured(given: Sequence[Plan]) -> None:
    """On a terminal, as edges that are silent take seconds; a bar that moves would be measured, too.

    Args:
        given: plans; where there are any, no link is measured.
    """
    console = Console(stderr=True)
    if console.is_terminal and not given:
        console.print("measuring the links to the edges", style="dim", highlight=False)


def _check_plans(runtime: DeviceRuntime, plans: Sequence[Plan]) -> None:
    """Refuse plans that the network does not have, before anything is run."""
    for plan in plans:
        check_plan(runtime.network, plan)


def _requirement_s(latency_ms: float | None) -> float | None:
    """That of the command line, if it is a time that a plan can be made for; None: the spec's."""
    if latency_ms is None:
        return None
    check_requirement(latency_ms / 1e3)
    return latency_ms / 1e3


def _tell_what_is_run(runtime: DeviceRuntime) -> None:
    """What accuracies mean, and whether an edge is silent."""
    console = Console(stderr=True)
    measure = ACCURACY if runtime.calibration is None else runtime.calibration.table.measure
    for line in measure_lines(measure):
        console.print(line, highlight=False, soft_wrap=True)
    if runtime.edge_error is not None:
        _tell(console, "warning: ", "yellow", runtime.edge_error)


@dataclass(frozen=True)
class _Ran:
    """What came of inputs: the answers, the inputs without one, and what ended them before their time."""

    rows: list[Row]
    broken: list[GivenInput]
    ended_by: KeyboardInterrupt | OutputError | None = None


def _close(spec: Pipeline, sources: Sequence[str] | None, ran: _Ran, *, is_quiet: bool) -> None:
    """Sum up what came of inputs, however they ended.

    Raises:
        InputError: none was answered.
        KeyboardInterrupt, OutputError: what ended them.
    """
    if ran.rows and not is_quiet:
        _show(spec, ran.rows)
    _report_trouble(Console(stderr=True), ran.rows, ran.broken)
    if ran.ended_by is not None:
        raise ran.ended_by
    if not ran.rows:
        raise InputError(f"nothing was run: {_why_nothing(ran.broken, _what_there_was(sources, spec), spec)}")
    if ran.broken:
        raise typer.Exit(1)


def _close_stream(spec: Pipeline, told: StreamTold, is_quiet: bool) -> None:
    """Sum a stream up, however it ended; broken frames are counted, and end no stream.

    Raises:
        InputError: it ended without an answer, or because its source could not be read any more.
        OutputError: it ended because an answer could not be written.
        KeyboardInterrupt: Ctrl-C or SIGTERM ended it.
    """
    if told.rows and not is_quiet:
        _show(spec, told.rows)
        for line in told.lines():
            table_console().print(line, highlight=False, soft_wrap=True)
    _report_trouble(Console(stderr=True), told.rows, told.left_out())
    if told.error is not None:
        raise told.error
    if told.ended_by is not None:
        raise told.ended_by
    if not told.rows:
        raise InputError(f"the stream {told.source} ended, and no frame of it was answered")


def _answer(
    runtime: DeviceRuntime,
    inputs: Iterable[GivenInput],
    plans: Sequence[Plan],
    latency_requirement_s: float | None,
    watchers: Watchers,
    *,
    is_quiet: bool,
) -> _Ran:
    """Answer inputs, each by every plan, and tell apart those that could not be read, or not so answered."""
    rows: list[Row] = []
    broken: list[GivenInput] = []
    console = Console(stderr=True)
    name = runtime.network.spec.name
    in_turn: list[Plan | None] = [*plans] if len(plans) > 1 else [None]
    hidden = is_quiet or not console.is_terminal
    shown = track(inputs, name, total=None, console=console, transient=True, disable=hidden)
    try:
        for index, item in enumerate(shown):
            if item.content is None:
                broken.append(item)
                watchers.broken(index, item)
                continue
            failed: dict[str, GivenInput] = {}  # by the reason, which names the plan where that is at fault
            for plan in in_turn:
                try:
                    answer = runtime.infer(item.content, latency_requirement_s, plan)
                except NoFileError as error:
                    failed[str(error)] = replace(item, error=str(error))
                except InputError as error:
                    failed[str(error)] = replace(item, content=None, error=str(error))
                else:
                    watchers.answered(index, item, answer)
                    rows.append(Row.of(item, answer))
            for one in failed.values():
                broken.append(one)
                watchers.broken(index, one)
    except (KeyboardInterrupt, OutputError) as end:
        return _Ran(rows, broken, ended_by=end)
    return _Ran(rows, broken)


def _todo(
    sources: Sequence[str] | None, spec: Pipeline, count: int | None, repeat: int
) -> Iterator[GivenInput]:
    """All inputs, as often as they are wanted; wrong paths and labels are told before anything is run."""
    _all_inputs(sources, spec, tells=True)
    return (item for _ in range(repeat) for item in itertools.islice(_all_inputs(sources, spec), count))


def _all_inputs(
    sources: Sequence[str] | None, spec: Pipeline, *, tells: bool = False
) -> Iterator[GivenInput]:
    """What to run: the given sources, one after the other, or the spec's samples.

    Args:
        sources: files, folders, or ``test``.
        spec: the pipeline's.
        tells: whether a user is told of labels that the pipeline does not know.

    Raises:
        InputError: a source is not there or holds no input.
    """
    if not sources and spec.input.samples is None:
        raise InputError(
            f"{spec.file} names no input.samples: say what to run with --input IMAGE, FOLDER, LIST.csv, .npy "
            "or test"
        )
    if not sources:
        return _of_files(spec.resolve(spec.input.samples or ""), spec, tells=tells)
    return itertools.chain.from_iterable([_inputs(source, spec, tells=tells) for source in sources])


def _inputs(source: str, spec: Pipeline, *, tells: bool) -> Iterator[GivenInput]:
    """The inputs of one source: files by their names, a data set or an archive by their numbers."""
    held_out = spec.held_out
    if source != _TEST_SET or held_out is None:
        return _of_files(Path(source), spec, tells=tells)
    from edgent.inputs import labelled  # noqa: PLC0415  a device has no data sets

    path = labelled.held_out_path(spec)
    if path is not None and path.suffix.lower() != labelled.ARCHIVE_SUFFIX:
        return _of_files(path, spec, tells=tells)
    data, labels = labelled.held_out_data(spec), spec.input.labels
    return (
        GivenInput(
            f"{held_out} {index}", one.images[0], expected=labels[one.labels[0]] if data.has_labels else None
        )
        for index, one in enumerate(data.batches(1))
    )


def _of_files(path: Path, spec: Pipeline, *, tells: bool) -> Iterator[GivenInput]:
    """The inputs of files; if they have labels, but none that the pipeline knows, this may be said."""
    unknown = unknown_labels(folder_files(path, spec)) if tells else []
    if unknown:
        said = f"{not_known(unknown, spec)}: they are answered as inputs without labels"
        Console(stderr=True).print(said, style="yellow", highlight=False, soft_wrap=True, markup=False)
    return given_inputs(path, spec)


def _show(spec: Pipeline, rows: Sequence[Row]) -> None:
    console = table_console()
    plans = {row.answer.wanted for row in rows}
    if len(rows) <= _MOST_ROWS and len(plans) == 1:
        table = answer_table(spec.name, rows)
    else:
        table = plan_table(f"{spec.name}: medians of each plan", rows)
    print_fitted(table, console, LEAST_FIRST, more="--json tells all of each answer")
    for line in closing_lines(rows):
        console.print(line, highlight=False, soft_wrap=True)
    events = [
        event for before, row in zip([None, *rows], rows, strict=False) for event in _events(before, row)
    ]
    for event in events[:_MOST_EVENTS]:
        console.print(event, highlight=False, markup=False)
    if len(events) > _MOST_EVENTS:
        console.print(f"and {len(events) - _MOST_EVENTS} more changes: see --json", highlight=False)


def _events(before: Row | None, row: Row) -> Iterator[str]:
    """What changed between two answers: the bandwidth's state where the link was measured anew, the plan."""
    answer = row.answer
    measured_anew = before is not None and before.answer.bandwidth_bps != answer.bandwidth_bps
    if answer.state_changed and measured_anew and answer.bandwidth_bps is not None:
        yield f"{row.name}: another bandwidth state, about {answer.bandwidth_bps / 1e3:,.0f} kbps"
    if answer.switched:
        yield f"{row.name}: now {answer.wanted}, which {answer.switched}"


def _why_nothing(broken: Sequence[GivenInput], where: str, spec: Pipeline) -> str:
    """That there is no input, or that no plan takes those that there are."""
    if any(item.content is not None for item in broken):
        return f"--plan sends photos' own files, and {where} has none that may go up; name another plan"
    return f"{where} holds no input of {spec.name}"


def _what_there_was(sources: Sequence[str] | None, spec: Pipeline) -> str:
    """The inputs that were asked for, as their user names them."""
    named = [f"{source} ({spec.held_out})" if source == _TEST_SET else source for source in sources or ()]
    return ", ".join(named) or f"{spec.input.samples} (input.samples)"


def _report_trouble(console: Console, rows: Sequence[Row], broken: Sequence[GivenInput]) -> None:
    for item in broken:
        _tell(console, "not run ", "red", f"{item.name}: {item.error}")
    failed = (row.answer.edge_error for row in rows if row.answer.edge_error)
    for reason, count in counted_reasons(failed):
        _tell(console, "answered here instead ", "yellow", f"{count} of {len(rows)}: {in_words(reason)}")
    others = (in_words(row.answer.passed_over) for row in rows if row.answer.passed_over)
    for reason, count in counted_reasons(others):
        _tell(console, "answered by another edge ", "yellow", f"{count} of {len(rows)}: {reason}")
    for lost in (row.answer.edge_lost for row in rows if row.answer.edge_lost):
        _tell(console, "edge left alone: ", "yellow", in_words(lost))
    unasked = [row.answer.not_asked.partition(":") for row in rows if row.answer.not_asked]
    first = {reason: such_as for reason, _, such_as in reversed(unasked)}
    for reason, count in Counter(reason for reason, *_ in unasked).most_common():
        such_as = f", such as{first[reason]}" if first[reason] else ""
        _tell(console, "exits not asked ", "yellow", f"{count} of {len(rows)}: {reason}{such_as}")
    for rules in dict.fromkeys(row.answer.ruled_out for row in rows if row.answer.ruled_out):
        _tell(console, "ruled out ", "yellow", rules)
    kept = (row.answer.file_kept for row in rows if row.answer.file_kept)
    for reason, count in counted_reasons(kept):
        _tell(console, "no file sent ", "yellow", f"{count} of {len(rows)}: {reason}")
    for drift in (row.answer.drift for row in rows if row.answer.drift):
        _tell(console, "exit rule out of date: ", "yellow", drift)


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
    "edgent-device --pipeline pipelines/alexnet.yaml --input photos --repeat 100 --metrics-port 9100",
    "edgent-device --pipeline pipelines/alexnet.yaml --input test --live 8090 --record run.jsonl",
    "edgent-device --pipeline pipelines/flowers.yaml --stream camera:0 --fps 5",
    "ffmpeg -i clip.mp4 -f image2pipe -c:v mjpeg - | edgent-device --pipeline flowers --stream -",
)


def main() -> None:
    """Run the command."""
    run_command(application)
