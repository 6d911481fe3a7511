"""``edgent profile``: time this machine as device or as edge, and fit its regressors."""

import itertools
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from edgent.cli.figure_file import check_figure_file, write_figure
from edgent.cli.spec_file import SpecFile, of_named_edge
from edgent.command_line import add_command
from edgent.counted import counted
from edgent.errors import InputError, MissingExtraError, StaleFileError
from edgent.extras import is_installed, require
from edgent.fitted_table import print_fitted, table_console
from edgent.spec import Pipeline, read_spec
from edgent.spec.completion import complete_spec

if TYPE_CHECKING:
    import numpy as np

    from edgent.core.photo import Photo
    from edgent.latency.places import Node, Place
    from edgent.latency.profile import NodeProfile
    from edgent.network import Network

_WINDOWS_SHARE = 1 / 3  # of the budget
_NO_GUESS = (
    "Windows are predicted: the other node has no profile yet, and there are no regressors to guess it from; "
    "profile it, then run this again with --resume"
)
_NO_OPERATORS = (
    "The operators that regressors learn from are not timed, as onnx is not installed here: only predictions "
    "for other networks need them"
)
_OTHER_CIRCUMSTANCES = (
    "Windows are predicted: the profile was made on another machine, with other versions or other samples; "
    "leave --resume out to measure all of it again"
)
_MOST_SAMPLES = 64  # enough for the mean size of a frame


def _check_report(wanted: bool) -> bool:
    if wanted:
        require("scipy", "sklearn")
    return wanted


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        profile,
        "edgent profile pipelines/lenet.yaml --node device",
        "edgent profile pipelines/lenet.yaml --node edge --budget-s 300 --report",
    )


NodeOption = Annotated[
    Literal["device", "edge"], typer.Option(help="Side that this machine is measured for.")
]
BudgetSOption = Annotated[
    float,
    typer.Option("--budget-s", min=0.1, max=86_400, metavar="SECONDS", help="Time spent on measuring."),
]
SamplesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH",
        help="Real inputs: an image, a .npy array, or a folder of these; by default the spec's samples "
        "or its held-out data.",
    ),
]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Continue an interrupted profile, or add windows to one.")
]
PredictForOption = Annotated[
    Path | None,
    typer.Option(
        metavar="SPEC",
        help="Spec of another pipeline, whose profile is predicted from this one's regressors.",
        autocompletion=complete_spec,
    ),
]
EdgeOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Which of the spec's edges this machine is; by default the first.",
        show_default=False,
    ),
]
ReportOption = Annotated[
    bool,
    typer.Option("--report", callback=_check_report, help="Print codecs, and errors of the regressors."),
]
PlotOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        callback=check_figure_file,
        help="Write a figure of predicted and measured times, and another of all layers.",
    ),
]


def profile(
    spec: SpecFile,
    node: NodeOption,
    budget_s: BudgetSOption = 60.0,
    samples: SamplesOption = None,
    resume: ResumeOption = False,
    predict_for: PredictForOption = None,
    report: ReportOption = False,
    plot: PlotOption = None,
    edge: EdgeOption = None,
) -> None:
    """Measure on this machine every segment and codec that a plan can use, and fit the regressors.

    Run it on the device with --node device and on the edge with --node edge. Times are written beside the
    spec after each block of runs, from which --resume continues an interrupted profile. With `windows: true`
    a third of the time goes to windows that plans are likely to choose; --resume adds to these. With a
    calibrated exit rule the pieces between the exits that are asked are measured, too; --resume adds them.
    """
    from edgent.network import Network
    from edgent.show.path_table import LEAST_FIRST, path_table

    network = Network.open(of_named_edge(read_spec(spec), edge))
    console = table_console()
    if predict_for is not None:
        _predict(network, node, Network.open(read_spec(predict_for)), samples, console)
        return
    file = _file_of(network.spec, node)
    measured = _measured(network, node, samples, file, budget_s, resume, console)
    measured.write(file)
    _name_in_spec(network.spec)
    print_fitted(path_table(measured, network.graph), console, LEAST_FIRST)
    if report or plot is not None:
        _validate(measured, network, report, plot, console)
    console.print(f"written: {file}", highlight=False, soft_wrap=True)


def _measured(
    network: "Network",
    node: "Node",
    samples: Path | None,
    file: Path,
    budget_s: float,
    resume: bool,
    console: Console,
) -> "NodeProfile":
    """A complete profile, with regressors where scipy is there to fit them."""
    from edgent.latency.profile import read_profile
    from edgent.latency.profiling import knows_codecs

    started = read_profile(file, node, network.graph.sha256) if resume and file.exists() else None
    adds_windows = network.spec.windows and network.spec.latency == "measured"
    windows_s = _WINDOWS_SHARE * budget_s if adds_windows else 0.0
    pieces = _pieces(network, console)
    known = {} if started is None else started.timing_by_place
    has_all = all(place in known for place in pieces)
    if started is not None and started.complete and has_all and knows_codecs(started, network):
        console.print(f"{file} is complete; leave --resume out to measure again", highlight=False)
        measured = started
    else:
        measured = _timed(network, node, samples, file, budget_s - windows_s, started, pieces, console)
    measured = _with_regressors(measured, network, console)
    return _with_windows(measured, network, samples, file, windows_s, console) if adds_windows else measured


def _pieces(network: "Network", console: Console) -> "list[Place]":
    """The segments between exits that are asked; none where there is no rule for this network yet."""
    from edgent.latency.asked_places import asked_places

    try:
        rule = network.exit_rule
    except StaleFileError as error:
        console.print(f"Without the pieces between exits: {error}", highlight=False, soft_wrap=True)
        return []
    paths = network.graph.paths
    return [] if rule is None else asked_places(network.graph, rule.checked_exits(paths))


def _with_windows(
    profile: "NodeProfile",
    network: "Network",
    samples: Path | None,
    file: Path,
    budget_s: float,
    console: Console,
) -> "NodeProfile":
    """The profile with those windows measured that plans are most likely to choose, as the budget allows."""
    from edgent.latency.profile import goes_on
    from edgent.latency.profiling import PAUSE_S, empty_profile
    from edgent.latency.promising import affordable, promising_segments

    other = _other_node(network, profile.node)
    if other is None and not profile.regressors:
        console.print(_NO_GUESS, soft_wrap=True)
        return profile
    promising = promising_segments(network, profile, other)
    windows = affordable(promising, budget_s, PAUSE_S)
    left = len(promising) - len(windows)
    if windows:
        inputs = profile_samples(network.spec, samples)
        if not goes_on(profile, empty_profile(network, profile.node, len(inputs))):
            console.print(_OTHER_CIRCUMSTANCES, soft_wrap=True)
            return profile
        profile = _timed(network, profile.node, samples, file, budget_s, profile, windows, console)
        profile = _with_regressors(profile, network, console)
    if promising:
        console.print(
            f"measured {counted(len(windows), 'window')} that plans can choose, predicted {left} more"
            + (": a longer --budget-s with --resume measures more" if left else ""),
            highlight=False,
            soft_wrap=True,
        )
    return profile


def _other_node(network: "Network", node: str) -> "NodeProfile | None":
    """The other node's profile, if the spec names one that is there."""
    from edgent.latency.profile import read_profile

    other: Node = "edge" if node == "device" else "device"
    file = _file_of(network.spec, other)
    return read_profile(file, other, network.graph.sha256) if file.exists() else None


def _timed(
    network: "Network",
    node: "Node",
    samples: Path | None,
    file: Path,
    budget_s: float,
    started: "NodeProfile | None",
    windows: "list[Place]",
    console: Console,
) -> "NodeProfile":
    """Time what is not complete, and write the file after each block of runs."""
    from edgent.cli.phase_progress import phase_progress
    from edgent.latency.profiling import profile_node

    inputs, photos = profile_samples(network.spec, samples), sample_photos(network, samples)
    if not is_installed("onnx"):
        console.print(_NO_OPERATORS, soft_wrap=True)
    regressors = {} if started is None else started.regressors
    with phase_progress() as progress:
        return profile_node(
            network,
            node,
            inputs,
            photos=photos,
            windows=windows,
            operators=is_installed("onnx"),
            budget_s=budget_s,
            started=started,
            keep=lambda unfinished: replace(unfinished, regressors=regressors).write(file),
            progress=progress,
        )


def _with_regressors(profile: "NodeProfile", network: "Network", console: Console) -> "NodeProfile":
    from edgent.latency.fitting import with_regressors

    try:
        require("scipy")
    except MissingExtraError as missing:
        console.print(f"The regressors are not fitted: {missing}", markup=False, soft_wrap=True)
        return profile
    return with_regressors(profile, network.graph)


def _predict(
    network: "Network",
    node: Literal["device", "edge"],
    other: "Network",
    samples: Path | None,
    console: Console,
) -> None:
    from edgent.latency.prediction import predict_profile
    from edgent.latency.profile import read_profile
    from edgent.show.path_table import LEAST_FIRST, path_table

    known = read_profile(_file_of(network.spec, node), node, network.graph.sha256)
    predicted = predict_profile(
        known, other, profile_samples(other.spec, samples), photos=sample_photos(other, samples)
    )
    file = _file_of(other.spec, node)
    predicted.write(file)
    _name_in_spec(other.spec)
    print_fitted(path_table(predicted, other.graph), console, LEAST_FIRST)
    console.print(f"written, predicted and not measured: {file}", highlight=False, soft_wrap=True)


def profile_samples(spec: Pipeline, given: Path | None = None) -> "np.ndarray":
    """Inputs to profile with, shape (n, *input shape): the user's, the spec's, or held-out data."""
    import numpy as np

    from edgent.inputs import read_inputs

    if given is None and spec.input.samples is not None:
        given = spec.resolve(spec.input.samples)
    if given is None:
        if spec.held_out is None:
            raise InputError(
                f"{spec.file} names no input.samples, data.held_out or training.dataset to measure with: "
                "name an image, a .npy array or a folder of these with --samples"
            )
        from edgent.inputs.labelled import held_out_data

        held_out = held_out_data(spec, use_labels=False)
        for batch in held_out.batches(_MOST_SAMPLES):
            return batch.images
        raise held_out.nothing_read()
    tensors = []
    for item in itertools.islice(read_inputs(given, spec), _MOST_SAMPLES):
        if item.tensor is None:
            raise InputError(f"{given}: {item.name}: {item.error}")
        tensors.append(item.tensor)
    return np.concatenate(tensors)


def sample_photos(network: "Network", given: Path | None = None) -> "list[Photo]":
    """Of the same inputs those whose own files may go up; none unless the codec ``file`` is offered."""
    from edgent.core.photo import Photo
    from edgent.inputs import given_inputs, to_input
    from edgent.inputs.labelled import held_out_data
    from edgent.planning.plan import FILE

    spec = network.spec
    if FILE not in network.input_codecs:
        return []
    if given is None and spec.input.samples is not None:
        given = spec.resolve(spec.input.samples)
    if given is None:
        return list(itertools.islice(held_out_data(spec, use_labels=False).photos(), _MOST_SAMPLES))
    items = itertools.islice(given_inputs(given, spec), _MOST_SAMPLES)
    inputs = [to_input(item.content, spec) for item in items if item.content is not None]
    return [item for item in inputs if isinstance(item, Photo) and item.kept_here is None]


def _files(spec: Pipeline) -> dict[str, str]:
    """The files that the spec names, or that it will name, relative to it."""
    if spec.regressors is not None:
        return {"device": spec.regressors.device, "edge": spec.edge.profile or spec.regressors.edge}
    return {node: f"{spec.name}/{node}.yaml" for node in ("device", "edge")}


def _file_of(spec: Pipeline, node: str) -> Path:
    return spec.resolve(_files(spec)[node])


def _name_in_spec(spec: Pipeline) -> None:
    """Let the spec name its profiles, if it does not yet."""
    if spec.regressors is None:
        from edgent.spec.edit import write_values

        write_values(spec.file, {("regressors", node): file for node, file in _files(spec).items()})


def _validate(
    profile: "NodeProfile", network: "Network", report: bool, plot: Path | None, console: Console
) -> None:
    """Show how far the regressors can be trusted, in tables and figures."""
    from edgent.latency.fitting import measurements
    from edgent.latency.validation import cross_validate
    from edgent.show.codec_table import LEAST_OF_CODECS, codec_table
    from edgent.show.error_table import LEAST_OF_ERRORS, error_table

    with Console(stderr=True).status("cross validation"):
        predictions = cross_validate(measurements(profile, network.graph))
    if report:
        print_fitted(codec_table(profile), console, LEAST_OF_CODECS)
        print_fitted(error_table(predictions), console, LEAST_OF_ERRORS)
    if plot is not None:
        from edgent.show.layer_figure import layer_figure
        from edgent.show.prediction_figure import prediction_figure

        layers = plot.with_name(f"{plot.stem}-layers{plot.suffix}")
        write_figure(prediction_figure(predictions), plot, console)
        write_figure(layer_figure(profile, network.graph), layers, console)
