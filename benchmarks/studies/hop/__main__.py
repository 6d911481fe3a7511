"""The service hop: echoes through TorchServe and what else there is, side by side in one run.

Where it is root it runs in a network namespace of its own, so that bytes on the wire can be counted.
"""

import contextlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.studies.hop.echo_clients import EchoClient, GrpcClient, GrpcioClient, HttpClient, SocketClient
from benchmarks.studies.hop.echo_servers import DefaultTorchServe, echo_archive, start, tuned_torchserve
from benchmarks.studies.hop.measuring import Hop, fresh_p50_s, measure
from edgent.edge.torchserve import free_addresses
from edgent.errors import EdgentError
from edgent.generated_file import describe_machine

SIZES_BYTES = (300, 3_000, 12_000, 64_000)
_FRESH_ECHOES, _FRESH_EVERY_S = 100, 0.02
_DEFAULTS, _OURS = "TorchServe, defaults: HTTP", "TorchServe, ours: HTTP"
_ALONE = "EDGENT_HOP_ALONE"
_DOCS = Path(__file__).parents[2] / "docs" / "hop.md"


def main(
    blocks: Annotated[int, typer.Option(min=1, help="Turns of each client at each size.")] = 10,
    block: Annotated[int, typer.Option(min=1, help="Echoes in a turn.")] = 100,
    warm_up: Annotated[
        int, typer.Option(min=0, help="Echoes of each client first; a JVM needs 2,000.")
    ] = 2000,
    write: Annotated[bool, typer.Option("--write", help="Write docs/hop.md.")] = False,
) -> None:
    """Measure the hop: p50, p99 and bytes on the wire of echoes, one run, clients in turn."""
    if os.geteuid() == 0 and _ALONE not in os.environ and shutil.which("unshare") and shutil.which("ip"):
        command = [sys.executable, "-m", "benchmarks.studies.hop", *sys.argv[1:]]
        script = f"ip link set lo up && exec {' '.join(command)}"
        os.execvpe(  # noqa: S606  this very benchmark, in a network of its own
            "unshare", ["unshare", "--net", "sh", "-c", script], os.environ | {_ALONE: "1"}
        )
    alone = _ALONE in os.environ
    console = Console()
    console = Console(width=max(console.width, 110))
    with contextlib.ExitStack() as stack:
        clients = _start(stack, console)
        payload = os.urandom(SIZES_BYTES[1])
        fresh_s = {
            name: fresh_p50_s(clients[name], payload, _FRESH_ECHOES, _FRESH_EVERY_S)
            for name in (_DEFAULTS, _OURS)
        }
        with Progress(console=console) as bar:
            task = bar.add_task("echoes", total=len(clients) * (1 + blocks * len(SIZES_BYTES)))
            for client in clients.values():
                for _ in range(warm_up):
                    client.echo(payload)
                bar.advance(task)
            hops = {
                size: measure(
                    clients, os.urandom(size), blocks, block, alone=alone, advance=lambda: bar.advance(task)
                )
                for size in SIZES_BYTES
            }
    table = _table(hops)
    console.print(table)
    gain = _mean_p50_s(hops, _DEFAULTS) / _mean_p50_s(hops, _OURS)
    console.print(
        f"our settings over TorchServe's defaults, HTTP: {gain:.2f}x in p50; of the first "
        f"{_FRESH_ECHOES} echoes, paced: {fresh_s[_DEFAULTS] / fresh_s[_OURS]:.2f}x",
        highlight=False,
    )
    if write:
        _DOCS.write_text(_report(hops, gain, fresh_s), encoding="utf-8")
        console.print(f"written: {_DOCS}", highlight=False)


def _start(stack: contextlib.ExitStack, console: Console) -> dict[str, EchoClient]:
    """All servers, each with its client; the stack ends them."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edgent-hop-")))
    mar = echo_archive(folder)
    with console.status("starting the servers"):
        default = DefaultTorchServe(folder, folder / "default")
        stack.callback(default.stop)
        ours = stack.enter_context(tuned_torchserve(folder, mar))
        ports = free_addresses()
        uvicorn_url = ports.inference
        socket_port = ports.grpc_management_port
        for kind, port in (("uvicorn", int(uvicorn_url.rsplit(":", 1)[1])), ("socket", socket_port)):
            process = start(kind, port)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        clients: dict[str, EchoClient] = {
            _DEFAULTS: HttpClient(default.addresses.inference),
            "TorchServe, defaults: gRPC, grpcio": GrpcioClient(default.addresses.grpc_inference),
            _OURS: HttpClient(ours.addresses.inference),
            "TorchServe, ours: gRPC, grpcio": GrpcioClient(ours.addresses.grpc_inference),
            "TorchServe, ours: gRPC": GrpcClient(ours.addresses.grpc_inference),
            "uvicorn: HTTP": HttpClient(uvicorn_url),
            "bare socket": SocketClient(socket_port),
        }
        for name, client in clients.items():
            stack.callback(client.close)
            _wait_until_up(name, client)
    return clients


def _wait_until_up(name: str, client: EchoClient, tries: int = 600) -> None:
    for _ in range(tries):
        with contextlib.suppress(Exception):
            if client.echo(b"up?") == b"up?":
                return
        time.sleep(0.1)
    raise EdgentError(f"{name} did not come up")


def _mean_p50_s(hops: dict[int, dict[str, Hop]], name: str) -> float:
    return sum(by_name[name].p50_s for by_name in hops.values()) / len(hops)


def by_name(hops: dict[int, dict[str, Hop]], name: str) -> Hop:
    """The hop with the smallest payload."""
    return hops[SIZES_BYTES[0]][name]


def _table(hops: dict[int, dict[str, Hop]]) -> Table:
    table = Table(
        title="one echo: p50 / p99 ms, and bytes beside the payload, both ways", title_justify="left"
    )
    table.add_column("server and transport", no_wrap=True)
    for size in hops:
        table.add_column(f"{size / 1000:g} kB", justify="right", no_wrap=True)
    table.add_column("bytes", justify="right")
    for name in next(iter(hops.values())):
        cells = [f"{hops[size][name].p50_s * 1e3:.2f} / {hops[size][name].p99_s * 1e3:.1f}" for size in hops]
        table.add_row(name, *cells, f"{hops[SIZES_BYTES[0]][name].overhead_bytes:.0f}")
    return table


def _report(hops: dict[int, dict[str, Hop]], gain: float, fresh_s: dict[str, float]) -> str:
    machine = describe_machine()
    lines = [
        "# The service hop",
        "",
        "What an echo through the edge's server costs before anything is computed: one run of",
        "`make bench-hop`, all clients in turn after a warm-up, one kept connection each. p50 / p99 in",
        "milliseconds; the last column is what a request and its answer put on the wire beside their payload",
        "of 0.3 kB, with all headers down to Ethernet's and all acknowledgements.",
        f"Machine: {machine['cpu']}, {machine['cores']} cores, {machine['system']}.",
        "",
        "| server and transport | " + " | ".join(f"{size / 1000:g} kB" for size in hops) + " | bytes |",
        "| --- |" + " ---: |" * (len(hops) + 1),
    ]
    for name in next(iter(hops.values())):
        cells = [f"{hops[size][name].p50_s * 1e3:.2f} / {hops[size][name].p99_s * 1e3:.1f}" for size in hops]
        lines.append(
            f"| {name} | " + " | ".join(cells) + f" | {hops[SIZES_BYTES[0]][name].overhead_bytes:.0f} |"
        )
    http, grpc, grpcio, bare = (
        by_name(hops, name)
        for name in (
            _OURS,
            "TorchServe, ours: gRPC",
            "TorchServe, ours: gRPC, grpcio",
            "bare socket",
        )
    )
    quicker_below_bps = 8 * (http.overhead_bytes - grpc.overhead_bytes) / (grpc.p50_s - http.p50_s)
    default_s, ours_s = fresh_s[_DEFAULTS], fresh_s[_OURS]
    http_s, grpc_s = http.p50_s - bare.p50_s, grpc.p50_s - bare.p50_s
    lines += [
        "",
        "## What follows",
        "",
        f"- Our settings (`edgent/edge/configuration.py`) are {gain:.2f}x ahead of TorchServe's defaults in",
        "  p50 over HTTP, so `make archive` writes them.",
        f"- The first {_FRESH_ECHOES} echoes of a fresh server, {_FRESH_EVERY_S * 1e3:g} ms apart,",
        f"  take {default_s * 1e3:.1f} ms by its defaults, {ours_s * 1e3:.1f} by our settings (3 kB, HTTP).",
        "  A device asks some times a second, and until the JVM has compiled what it runs, requests are",
        "  slow; so it compiles after a twentieth of the usual calls, and with its first compiler alone:",
        "  the second's code is a little quicker, but while it compiles some requests are far slower.",
        f"- At 0.3 kB a hop takes {http_s * 1e3:.2f} ms more over HTTP than over a bare socket, over gRPC",
        f"  {grpc_s * 1e3:.2f} ms; gRPC puts {grpc.overhead_bytes:.0f} bytes beside the payload,",
        f"  HTTP {http.overhead_bytes:.0f}: below {quicker_below_bps / 1e6:.1f} Mbps gRPC is quicker.",
        "  So a device with both addresses probes both when it starts, and keeps the quicker one.",
        f"- grpcio puts {grpcio.overhead_bytes:.0f} bytes there: it answers every ping at once, which brings",
        "  the next one, and says more headers. The device speaks HTTP/2 with the h2 library: one write a",
        "  call, pings answered twice a minute, headers as references.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    typer.run(main)
