"""``edgent archive``: a .mar for each head and one for the whole pipeline, and TorchServe's configuration."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from edgent.command_line import add_command
from edgent.edge.configuration import Addresses, ServedModel, TlsFiles, check_exposure
from edgent.edge.registration import REQUIREMENTS, needed_settings, registration_commands
from edgent.edge.store import build_store, plan_archives
from edgent.edge.warm_heads import DEFAULT_WORKERS, WarmHead, edge_only_heads, warm_heads
from edgent.errors import ArchiveError, PlanError, StaleFileError
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.shipped import spec_path
from edgent.spec import read_spec
from edgent.spec.completion import complete_spec


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
        help="Plan whose head gets a worker, such as exit2:p3; may be repeated.",
    ),
]
WorkersOption = Annotated[
    int,
    typer.Option(min=1, max=1000, help="Most heads of a pipeline that get a worker; each takes 160 MB."),
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Build every head, and not only those that plans choose.")
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


def archive(
    specs: SpecsArgument,
    store: StoreOption = Path("archives"),
    warm: WarmOption = None,
    workers: WorkersOption = DEFAULT_WORKERS,
    every: AllOption = False,
    inference_address: InferenceAddressOption = Addresses.inference,
    grpc_address: GrpcAddressOption = Addresses.grpc_inference,
    management_address: ManagementAddressOption = Addresses.management,
    metrics_address: MetricsAddressOption = Addresses.metrics,
    only_archives: OnlyArchivesOption = False,
    certificate: CertificateOption = None,
    private_key: PrivateKeyOption = None,
) -> None:
    """Build archives of heads and of the whole pipeline, and the configuration of a TorchServe.

    The pipeline's archive answers with one worker for any window of layers of any exit. The windows that warm
    heads are it loads when it starts, any other when a device first asks for it. A device asks it for windows
    that begin behind the input; for those that begin there it asks the head's own archive.

    Heads have an archive each where plans choose them. Plans are chosen over the spec's range of links and
    requirements. The heads chosen most often get a worker; the others get one when somebody asks TorchServe's
    management API for it. Without profiles there are no plans to choose from, and every head is built.
    """
    addresses = Addresses(inference_address, management_address, metrics_address, grpc_address)
    tls = _tls(certificate, private_key)
    check_exposure(addresses, tls)
    networks = [Network.open(read_spec(spec)) for spec in specs]
    choices = [_choose(network, workers) for network in networks]
    chosen = _heads(networks, warm) if warm else [head for choice in choices for head in choice.warm]
    names = {head.name for head in chosen}
    planned = plan_archives(networks, names)
    left_out = 0
    if not every:
        built = names.union(*(choice.built for choice in choices))
        left_out = sum(head.name not in built for head in planned)
        planned = [head for head in planned if head.name in built]
    console = Console()
    with Progress(console=console) as bar:
        task = bar.add_task("archives", total=len(planned) + len(networks) + 1)
        models = build_store(
            store,
            planned,
            on_built=lambda _: bar.advance(task),
            addresses=addresses,
            tls=tls,
            configure=not only_archives,
        )
    _show(store, models, left_out, chosen, networks, console)
    for line in _what_next(store, models, management_address, only_archives):
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def _show(
    store: Path,
    models: list[ServedModel],
    left_out: int,
    chosen: list[WarmHead],
    networks: list[Network],
    console: Console,
) -> None:
    """What was built, what was not, and what has a worker from the start."""
    size_bytes = sum(model.mar.size_bytes for model in models)
    console.print(f"{len(models)} archives, {size_bytes / 1e6:.1f} MB, in {store}/", highlight=False)
    if left_out:
        console.print(
            f"{left_out} heads are left out, which no plan chooses over the spec's range; "
            "--all builds them, --warm PLAN that of one plan",
            highlight=False,
            soft_wrap=True,
        )
    table = Table("with a worker from the start", "why", box=SIMPLE_HEAD)
    for head in chosen:
        table.add_row(head.name, head.reason)
    for network in networks:
        count = len(network.graph.windows())
        table.add_row(
            network.spec.name, f"answers for any of its {count} windows; devices ask for inner ones"
        )
    console.print(table)


def _what_next(store: Path, models: list[ServedModel], management_url: str, only_archives: bool) -> list[str]:
    """How the archives are served, by a TorchServe of their own or by one that runs already."""
    if not only_archives:
        command = f"torchserve --start --ncs --model-store {store} --ts-config {store / 'config.properties'}"
        return [f"serve them: {command} --log-config {store / 'log4j2.xml'}"]
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


def _heads(networks: list[Network], plans: list[str]) -> list[WarmHead]:
    """The heads that the user's plans need, in every pipeline that has such a plan.

    Raises:
        PlanError: no pipeline has it.
    """
    heads = []
    for plan in map(Plan.parse, plans):
        names: dict[str, str | None] = {}
        refusals = []
        for network in networks:
            try:
                names[network.spec.name] = network.head_of(plan)
            except PlanError as error:
                refusals.append(f"{network.spec.name}: {error}" if len(networks) > 1 else str(error))
        if not names:
            raise PlanError("\n".join(refusals))
        both = f", which {' and '.join(names)} have" if len(names) > 1 else ""
        heads += [WarmHead(name, f"for {plan}{both}") for name in names.values() if name is not None]
    return heads


@dataclass(frozen=True)
class _Choice:
    """Heads of a pipeline: those that get a worker, and the names of those that get an archive."""

    warm: list[WarmHead]
    built: set[str]


def _choose(network: Network, workers: int) -> _Choice:
    """Heads that plans choose over the spec's range; without profiles all, those of edge-only plans warm."""
    from edgent.latency.loading import load_cost_table, load_map

    every = {head.name(network.spec.name) for head in network.graph.heads()}
    try:
        costs = load_cost_table(network, windows=False)
        configuration_map = load_map(network)
    except (PlanError, StaleFileError) as error:
        warm = edge_only_heads(network, f"edge-only, as there is no profile to plan from: {error}")
        return _Choice(warm, every)
    heads = warm_heads(network, costs, configuration_map, workers=len(every))
    return _Choice(heads[:workers], {head.name for head in heads})
