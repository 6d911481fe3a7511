"""The reference of all commands, made of what ``--help`` says, so that the two never differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

from device_runtime.cli import application as device_application
from edgent.cli import application as edgent_application

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = "<!-- every command -->"
"""What the reference stands in the place of, in a page."""


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the reference where a page wants it."""
    return markdown.replace(PLACE, command_reference()) if PLACE in markdown else markdown


def command_reference() -> str:
    """Every command in Markdown: what it does, its arguments and options, examples."""
    return "\n\n".join(_section(name, command) for name, command in _commands())


def _commands() -> Iterator[tuple[str, Any]]:
    yield "edgent-device", typer.main.get_command(device_application)
    group: Any = typer.main.get_command(edgent_application)
    for name, command in group.commands.items():
        yield f"edgent {name}", command


def _section(name: str, command: Any) -> str:
    context = command.context_class(command, info_name=name)
    records = [parameter.get_help_record(context) for parameter in command.get_params(context)]
    options = [f"`{_plain(option)}`\n:   {_plain(said)}" for option, said in filter(None, records)]
    _, *examples = _plain(command.epilog).splitlines()
    return "\n\n".join(
        [
            f"## `{name}`",
            _plain(command.help),
            _block("text", [f"{name} {' '.join(command.collect_usage_pieces(context))}"]),
            *options,
            _block("sh", examples),
        ]
    )


def _plain(marked: str) -> str:
    """Without rich's markup."""
    return Text.from_markup(marked).plain


def _block(language: str, lines: list[str]) -> str:
    return "\n".join([f"```{language}", *lines, "```"])
