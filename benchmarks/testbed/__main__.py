"""Command line of the testbed: run anything between a shaped link and a slow device."""

import argparse
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from rich.console import Console

from benchmarks.testbed.edge.server import EdgeServer
from benchmarks.testbed.errors import SelfTestError
from benchmarks.testbed.self_test import require, self_test, table
from benchmarks.testbed.testbed import Kind, Testbed, TestbedConfig, usual_kind
from edgent.bandwidth.trace_files import load_trace
from edgent.errors import EdgentError

EXIT_SELF_TEST = 124
EXIT_TESTBED = 125
EXIT_NOT_FOUND = 127
_EXIT_SIGNAL = 128

_console = Console(stderr=True)


def main(arguments: list[str] | None = None) -> int:
    """Run a command in a testbed and return its exit status."""
    options = _parse(sys.argv[1:] if arguments is None else arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        return _run(options)
    except SelfTestError as error:
        _console.print(f"[red]error:[/] {error}", highlight=False)
        return EXIT_SELF_TEST
    except EdgentError as error:
        _console.print(f"[red]error:[/] {error}", highlight=False)
        return EXIT_TESTBED
    except FileNotFoundError as error:
        _console.print(f"[red]error:[/] no such command: {error.filename}", highlight=False)
        return EXIT_NOT_FOUND


def _run(options: argparse.Namespace) -> int:
    config = TestbedConfig(
        rate_bps=options.rate_kbps * 1e3,
        slowdown=options.slowdown,
        round_trip_s=options.rtt_ms * 1e-3,
        kind=_kind(options),
        down_bps=None if options.down_kbps is None else options.down_kbps * 1e3,
    )
    trace = load_trace(options.trace) if options.trace else None
    with ExitStack() as stack:
        testbed = stack.enter_context(Testbed(config))
        with _console.status("self-test: a few seconds"):
            checks = self_test(testbed)
        _console.print(table(checks))
        require(checks)
        if options.self_test_only:
            return 0
        if options.edge_command:
            command = options.edge_command.format(edge=f"{testbed.edge_host}:{options.edge_port}")
            testbed.edge.popen(["sh", "-c", command], stdin=subprocess.DEVNULL)
        environment = {}
        if options.serve:
            with _console.status("TorchServe on the edge: some seconds for each worker"):
                server = EdgeServer(testbed, options.serve)
            stack.callback(server.close)
            environment = server.environment
        if trace is not None:
            stack.enter_context(testbed.follow(trace))
        host, port = testbed.edge_address(options.edge_port)
        command = [word.replace("{edge}", f"{host}:{port}") for word in options.command]
        status = testbed.device.run(command, env=environment).returncode
    return status if status >= 0 else _EXIT_SIGNAL - status


def _kind(options: argparse.Namespace) -> Kind:
    if options.relay or usual_kind() == "relay":
        return "relay"
    return "tbf" if options.tbf else "namespaces"


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.testbed",
        description="Run COMMAND on a slow device behind a shaped link, and pass its exit status on.",
        epilog=f"Exit status {EXIT_SELF_TEST}: the self-test is off by more than 10 %; "
        f"{EXIT_TESTBED}: the testbed cannot be built.",
    )
    parser.add_argument(
        "--rate-kbps", type=float, required=True, help="rate of the link up, from the device to the edge"
    )
    parser.add_argument("--down-kbps", type=float, help="rate of the link down (default: as up)")
    parser.add_argument("--slowdown", type=float, default=1.0, help="how many times slower the device is")
    parser.add_argument("--rtt-ms", type=float, default=0.0, help="round trip that the link adds")
    parser.add_argument(
        "--trace",
        type=Path,
        help="a bandwidth trace, one way or two, that the link follows while COMMAND runs",
    )
    parser.add_argument("--relay", action="store_true", help="shape in user space (default where not root)")
    parser.add_argument("--tbf", action="store_true", help="let the kernel's token bucket shape the link")
    parser.add_argument("--self-test-only", action="store_true", help="measure the testbed and stop")
    parser.add_argument(
        "--edge-command", help="shell command for a server on the edge; {edge} in it is the address to bind"
    )
    parser.add_argument(
        "--serve",
        type=Path,
        metavar="STORE",
        help="serve these archives on the edge; edgent-device finds them",
    )
    parser.add_argument("--edge-port", type=int, default=8080, help="port of that server")
    parser.add_argument(
        "command", nargs="*", metavar="COMMAND", help="after --; {edge} in it is the edge's HOST:PORT"
    )
    options = parser.parse_args(arguments)
    if not options.command and not options.self_test_only:
        parser.error("give a COMMAND after --, or --self-test-only")
    return options


def _leave(number: int, _frame: FrameType | None) -> None:
    """Leave through every context; a second signal must not cut the cleaning short."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(_EXIT_SIGNAL + number)


if __name__ == "__main__":
    sys.exit(main())
