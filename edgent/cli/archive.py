"""``edgent archive``: a .mar for each head and one for the whole pipeline, and TorchServe's configuration."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from edgent.command_line import add_command
from edgent.counted import counted
from edgent.edge.configuration import Addresses, Behind, ServedModel, TlsFiles, check_exposure
from edgent.edge.registration import REQUIREMENTS, needed_settings, registration_commands, removal_commands
from edgent.edge.store import build_store, other_versions
from edgent.edge.wanted_archives import WantedArchives, wanted_archives, wanted_heads
from edgent.errors import ArchiveError
from edgent.network import Network
from edgent.progress_bars import progress_bars
from edgent.shipped import spec_path
from edgent.spec import read_spec
from edgent.spec.completion import complete_spec

_DEFAULT_WORKERS = 4
_BESIDE_ANOTHER = (
    "beside another TorchServe: start it in a folder of its own, where it writes its tokens, with TEMP and "
    "TMPDIR set to a short path of its own, where it keeps its process id and its sockets"
)


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        archive,
        "edgent archive pipelines/lenet.yaml pipelines/alexnet.yaml",
        "edgent archive pipelines/lenet.yaml --store archives/demo --warm exit2:p6 --warm exit1:p3",
        "edgent archive pipelines/lenet.yaml --only-archives --management-address http://127.0.0.1:9081",
    )


SpecsArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="SPEC",
        help="Pipeline specs, or names of shipped pipelines, which a TorchServe serves together.",
        autocompletion=complete_spec,
        callback=lambda specs: [spec_path(spec) for spec in specs],
    ),
]
StoreOption = Annotated[Path, typer.Option(metavar="FOLDER", help="Folder that gets the archives.")]
WarmOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PLAN",
        help="Plan whose head gets a worker, or whose inner window the pipeline's archive loads from the "
        "start, such as exit2:p3 or exit2:p2-p5; may be repeated.",
    ),
]
WorkersOption = Annotated[
    int,
    typer.Option(
        min=1,
        max=1000,
        metavar="COUNT",
        help="Most heads of a pipeline that get a worker; each takes 160 MB.",
    ),
]
AllOption = Annotated[bool, typer.Option("--all", help="Build every head, whatever the archives take.")]
ReplaceOption = Annotated[
    bool,
    typer.Option(
        "--replace",
        help="Remove the archives of other versions of these networks, which stay and are served otherwise.",
    ),
]
InferenceAddressOption = Annotated[
    str, typer.Option(metavar="URL", help="HTTP address of TorchServe; beyond loopback it must be https.")
]
GrpcAddressOption = Annotated[
    str, typer.Option(metavar="URL", help="gRPC address of TorchServe; beyond loopback it must be grpcs.")
]
ManagementAddressOption = Annotated[
    str, typer.Option(metavar="URL", help="Management address of TorchServe, on loopback.")
]
MetricsAddressOption = Annotated[
    str, typer.Option(metavar="URL", help="Metrics address of TorchServe, on loopback.")
]
OnlyArchivesOption = Annotated[
    bool,
    typer.Option(
        "--only-archives",
        help="Write no configuration; print what registers the archives in a TorchServe that runs already.",
    ),
]
CertificateOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Certificate for https, in PEM."),
]
PrivateKeyOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="RSA key of the certificate, in PEM.")
]
BehindOption = Annotated[
    Behind | None,
    typer.Option(
        help="What stands before a server that leaves loopback without TLS, so that others reach it by that "
        "way alone: it has to bring TLS, and nothing here checks it.",
    ),
]


def archive(
    specs: SpecsArgument,
    store: StoreOption = Path("archives"),
    warm: WarmOption = None,
    workers: WorkersOption = _DEFAULT_WORKERS,
    every: AllOption = False,
    replace_others: ReplaceOption = False,
    inference_address: InferenceAddressOption = Addresses.inference,
    grpc_address: GrpcAddressOption = Addresses.grpc_inference,
    management_address: ManagementAddressOption = Addresses.management,
    metrics_address: MetricsAddressOption = Addresses.metrics,
    only_archives: OnlyArchivesOption = False,
    certificate: CertificateOption = None,
    private_key: PrivateKeyOption = None,
    behind: BehindOption = None,
) -> None:
    """Build archives of the whole pipeline and of its heads, and the configuration of a TorchServe.

    The pipeline's archive answers with one worker for any window of layers of any exit. The windows that
    plans choose over the spec's range of links and requirements it loads when it starts, any other when a
    device first asks for it.

    Heads that plans choose have an archive of their own beside it, those chosen most often first, while all
    archives of a pipeline take at most twice its network. Some of them get a worker; the others get one when
    somebody asks TorchServe's management API for it. Without profiles there are no plans to choose from, and
    the heads of edge-only plans come first.

    Archives of another version of a network, which an earlier build made, stay and are served beside the
    new ones, so that no device is refused before it has the new version.
    """
    addresses = Addresses(inference_address, management_address, metrics_address, grpc_address)
    tls = _tls(certificate, private_key)
    check_exposure(addresses, tls, behind)
    networks = [Network.open(read_spec(spec)) for spec in specs]
    wanted = wanted_archives(networks, warm or (), workers)
    planned = wanted_heads(wanted, every=every)
    console = Console()
    with progress_bars(*Progress.get_default_columns()) as bar:
        task = bar.add_task("archives", total=len(planned) + len(networks) + 1)
        models = build_store(
            store,
            planned,
            on_built=lambda _: bar.advance(task),
            warm=[(pipeline.network, pipeline.windows) for pipeline in wanted],
            replace=replace_others,
            addresses=addresses,
            tls=tls,
            behind=behind,
            configure=not only_archives,
        )
        bar.update(task, completed=len(planned) + len(networks) + 1)
    others = other_versions(models, networks)
    made = [model for model in models if model not in others]
    _show(store, made, wanted, console)
    lines = _what_next(store, made, management_address, only_archives)
    if others:
        dropping = _what_drops(others, made, management_address, only_archives)
        # On a server that runs, what is to be dropped answers until the new archives are registered.
        lines = [*lines, *dropping] if only_archives else [*dropping, *lines]
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def _show(
    store: Path, models: Sequence[ServedModel], wanted: Sequence[WantedArchives], console: Console
) -> None:
    """What was built, what was not, and what has a worker from the start."""
    size_bytes = sum(model.mar.size_bytes for model in models)
    console.print(
        f"{counted(len(models), 'archive')}, {size_bytes / 1e6:.1f} MB, in {store}/", highlight=False
    )
    built = {model.name for model in models}
    table = Table("with a worker from the start", "why", box=SIMPLE_HEAD)
    for pipeline in wanted:
        name, graph = pipeline.network.spec.name, pipeline.network.graph
        left_out = {head.name(name) for head in graph.heads()} - built
        crowded = sum(window.head in left_out for window in pipeline.chosen)
        if left_out:
            why = f": {crowded} would make its archives larger than twice the network" if crowded else ""
            console.print(
                f"{name} answers for {counted(len(left_out), 'head')} without an archive of their own{why}; "
                "--all builds them, --warm PLAN that of one plan",
                highlight=False,
                soft_wrap=True,
            )
        for head, reason in pipeline.with_worker.items():
            if head in built:
                table.add_row(head, reason)
        loaded = f"{len(pipeline.windows)} of them loaded from the start"
        table.add_row(name, f"answers for any of its {counted(len(graph.windows()), 'window')}, {loaded}")
    console.print(table)


def _what_drops(
    others: Sequence[ServedModel],
    made: Sequence[ServedModel],
    management_url: str,
    only_archives: bool,
) -> list[str]:
    """Which other versions are served, too, what they take, and what drops them."""
    versions = {(model.pipeline, model.version): 0 for model in others}
    for model in others:
        versions[model.pipeline, model.version] += model.mar.size_bytes
    stays = "stays" if only_archives else "is served, too"
    lines = [
        f"{pipeline} {version} of an earlier build {stays}: {size_bytes / 1e6:.1f} MB"
        for (pipeline, version), size_bytes in versions.items()
    ]
    commands = removal_commands(others, made, management_url)
    if only_archives:
        return [
            *lines,
            "when no device asks for them: this command once more, with --replace, and on the server:",
            *commands,
        ]
    return [
        *lines,
        "when no device asks for them any more: this command once more, with --replace",
        "or, without a restart, on a server whose model API is open:",
        *commands,
    ]


def _what_next(
    store: Path, models: Sequence[ServedModel], management_url: str, only_archives: bool
) -> list[str]:
    """How the archives are served, by a TorchServe of their own or by one that runs already."""
    if not only_archives:
        is_second = management_url != Addresses.management
        store = store.resolve() if is_second else store
        words = ["torchserve", "--start", "--ncs", "--model-store", str(store)]
        words += ["--ts-config", str(store / "config.properties"), "--log-config", str(store / "log4j2.xml")]
        return [f"serve them: {shlex.join(words)}", *(_BESIDE_ANOTHER,) * is_second]
    return [
        f"TorchServe's environment needs: pip install {' '.join(map(shlex.quote, REQUIREMENTS))}",
        "its config.properties needs, at least:",
        *(f"  {key}={value}" for key, value in needed_settings(models).items()),
        f"copy {store}/*.mar into its model store, and register them with its management token:",
        *registration_commands(models, management_url),
    ]


def _tls(certificate: Path | None, private_key: Path | None) -> TlsFiles | None:
    """The two files, if they are given and TorchServe can use them."""
    if certificate is None and private_key is None:
        return None
    if certificate is None or private_key is None:
        raise ArchiveError("--certificate and --private-key belong together: give both or neither")
    from edgent.edge.certificates import check_certificate

    files = TlsFiles(certificate, private_key)
    check_certificate(files)
    return files
