"""The reference of all commands."""

from __future__ import annotations

import re

from mkdocs_hooks.command_reference import PLACE, command_reference, on_page_markdown


def test_a_command_has_help_usage_options_and_examples() -> None:
    """Without the markup of the terminal."""
    reference = command_reference()
    _, _, section = reference.partition("## `edgent plan`\n")
    section = section.partition("\n## ")[0]
    assert re.search(r"edgent plan \[OPTIONS\] \{?SPEC\}?\n", section)  # braces in some versions of typer
    assert "\n`--bandwidth-kbps" in section
    assert "\n:   " in section
    assert "```sh\nedgent plan pipelines/alexnet.yaml\n" in section
    assert "[bold]" not in reference
    assert "[cyan]" not in reference
    assert "\\[" not in reference


def test_the_device_s_command_comes_first() -> None:
    """It is what users run most."""
    assert command_reference().startswith("## `edgent-device`\n")


def test_it_stands_where_a_page_wants_it() -> None:
    """Other pages stay as they are."""
    assert on_page_markdown("plain", page=None) == "plain"
    filled = on_page_markdown(f"before\n\n{PLACE}\n", page=None)
    assert filled.startswith("before\n\n## `edgent-device`")
    assert PLACE not in filled
