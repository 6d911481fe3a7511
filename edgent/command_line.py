"""What ``edgent`` and ``edgent-device`` have in common: help, version, log, and how a mistake ends."""

from __future__ import annotations

import errno
import functools
import inspect
import logging
import math
import os
import re
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.text import Text
from typer.core import TyperCommand

from edgent.errors import EdgentError, OutputError, PluginError
from edgent.extras import missing_extra
from edgent.plugin_fault import fault_of_another_package
from edgent.termination import Terminated, hear_termination

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = logging.getLogger(__name__)
_LOGGERS = ("edgent", "device_runtime")
_ENDED_BY_SIGNAL = 128
"""What shells add to the number of the signal that ended a command."""
_BOUND = re.compile(r"^Input should be (?=(?:greater|less) than )")
_NO_NUMBER = re.compile(r"^Input should be a valid (integer|number)\b")
_NUMBERS = {"integer": "whole number", "number": "number"}
_FULL = (errno.ENOSPC, errno.EDQUOT)
_NO_FOLDER = "No usable temporary directory"
_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


def _print_version(wanted: bool) -> None:
    if wanted:
        from edgent import __version__  # noqa: PLC0415  it is looked up when it is asked for

        typer.echo(f"edgent {__version__}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        metavar="",
        show_default=False,
        help="Log on stderr what the command does; -vv logs details as well.",
    ),
]


def add_command(
    application: typer.Typer,
    command: Callable[..., None],
    *examples: str,
    name: str | None = None,
    **settings: Any,
) -> None:
    """Add a command with its docstring as help, and with the option ``--verbose``.

    Args:
        application: that gets the command.
        command: a function whose parameters are the command's.
        examples: command lines that stand below its help.
        name: of the command; the function's when None.
        settings: for the command's context.
    """
    paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
    heading = "Example" if len(examples) == 1 else "Examples"
    lines = [f"[bold]{heading}[/]", *(f"[cyan]{escape(example)}[/]" for example in examples)]
    application.command(
        name or command.__name__,
        cls=_Command,
        help="\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs),
        epilog="\n".join(lines),
        context_settings=settings,
    )(_with_log(command))


class _Command(TyperCommand):
    """A command that says what is wrong with an option in its own words, not in pydantic's."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options of a command line.

        Raises:
            BadParameter: one of them is wrong.
        """
        try:
            rest = super().parse_args(ctx, args)
        except typer.BadParameter as error:
            error.message = _in_own_words(error)
            raise
        parameters: list[Any] = self.params
        for parameter in parameters:
            value = ctx.params.get(parameter.name)
            if isinstance(value, float) and not math.isfinite(value):
                said = f"{value} is not finite: give a number"
                raise typer.BadParameter(said, ctx, param_hint=parameter.opts)
        return rest


def _in_own_words(error: typer.BadParameter) -> str:
    """What is wrong with a value; pydantic's words are for programs."""
    said = _BOUND.sub("give a number ", error.message.removeprefix("Value error, "))
    wanted = _NO_NUMBER.match(said)
    if wanted is None:
        return said
    from pydantic import ValidationError  # noqa: PLC0415  typer loads it where it needs it

    cause = error.__cause__
    given = repr(cause.errors()[0]["input"]) if isinstance(cause, ValidationError) else "this"
    return f"{given} is no {_NUMBERS[wanted[1]]}: give one"


def _with_log(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the option ``--verbose``."""

    @functools.wraps(command)
    def run(*, verbose: int, **options: Any) -> None:
        _show_log(_LEVELS[min(verbose, len(_LEVELS) - 1)])
        command(**options)

    signature = inspect.signature(command, eval_str=True)
    verbose = inspect.Parameter("verbose", inspect.Parameter.KEYWORD_ONLY, default=0, annotation=Verbose)
    own = signature.replace(parameters=[*signature.parameters.values(), verbose])
    run.__signature__ = own  # type: ignore[attr-defined]  # typer reads a command's parameters there
    return run


def _show_log(level: int) -> None:
    """Write what edgent logs on stderr, from a level on, an event a line where that is no terminal.

    Other packages' logs stay where they go.
    """
    console = Console(stderr=True)
    handler: logging.Handler = RichHandler(console=console, show_path=False, log_time_format="%H:%M:%S")
    if not console.is_terminal:  # a journal, which has no edge to fold lines at
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    handler.setLevel(level)
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)


def run(application: typer.Typer) -> None:
    """Run a command; a mistake, a full disk, a package that is missing or fails, a signal end in a line."""
    if os.environ.get("COLUMNS") == "0":  # a terminal that does not know its width: Rich would print nothing
        del os.environ["COLUMNS"]
    hear_termination()
    try:
        _run(application)
    except (KeyboardInterrupt, SystemExit) as end:
        interrupt = _interrupt(end)
        if interrupt is None:
            raise
        _kill_by_next_signal()
        is_terminated = isinstance(interrupt, Terminated)
        Console(stderr=True).print("terminated" if is_terminated else "interrupted")
        sys.exit(_ENDED_BY_SIGNAL + (signal.SIGTERM if is_terminated else signal.SIGINT))
    finally:
        _kill_by_next_signal()


def _run(application: typer.Typer) -> None:
    try:
        application()
    except EdgentError as error:
        if isinstance(error, PluginError):
            _LOG.debug("the command ended with:", exc_info=error)
        _end(error)
    except Exception as error:
        missing = missing_extra(error) if isinstance(error, ModuleNotFoundError) else None
        no_room = _full_disk(error) or _no_temporary_folder(error)
        fault = missing or no_room or fault_of_another_package(error)
        if fault is None:
            raise
        _LOG.debug("the command ended with:", exc_info=error)
        _end(fault)


def _full_disk(error: Exception) -> OutputError | None:
    """What to say where there was no room for what the command writes; None of any other error."""
    if not isinstance(error, OSError) or error.errno not in _FULL:
        return None
    try:
        sys.stdout.flush()
    except OSError:  # Python would try once more at its end, and fail: the rest goes nowhere
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
    place = error.filename or "the output"
    return OutputError(f"{place} cannot be written: {error.strerror}; make room there, or write elsewhere")


def _no_temporary_folder(error: Exception) -> OutputError | None:
    """What to say where Python finds no folder for temporary files, as where all is read-only; else None."""
    if not isinstance(error, FileNotFoundError) or _NO_FOLDER not in (error.strerror or ""):
        return None
    return OutputError(f"{error.strerror}: set TMPDIR to a folder that can be written")


def _end(error: EdgentError) -> None:
    Console(stderr=True).print(Text.assemble(("error: ", "bold red"), str(error)), soft_wrap=True)
    sys.exit(2)


def _interrupt(end: BaseException | None) -> KeyboardInterrupt | None:
    """The signal that was the reason, if one was: typer makes an exit of it."""
    while end is not None and not isinstance(end, KeyboardInterrupt):
        end = end.__cause__ or end.__context__
    return end


def _kill_by_next_signal() -> None:
    """Let Ctrl-C and SIGTERM end the process at once, without a traceback, while Python winds up."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
