"""A page's code blocks: which of them are run, by what commands, and what they are said to print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUN = ("sh", "console", "python")
"""Languages of blocks that are run; others are files, tables or text."""
_NOT_RUN = re.compile(r"<!--\s*not run:(.*?)-->", re.DOTALL)


@dataclass(frozen=True)
class Step:
    """What a reader pastes at once.

    Attributes:
        code: in the language of its block, without a prompt.
        quoted: what it is said to print; empty where the page does not say.
    """

    code: str
    quoted: str = ""


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        language: as the fence names it, such as ``sh``; empty where it names none.
        line: number of its fence in the page.
        not_run: why it is not run; None where it is, empty where the mark gives no reason.
    """

    page: Path
    language: str
    text: str
    line: int
    not_run: str | None = None

    @property
    def is_run(self) -> bool:
        """Whether a reader can paste it as it is."""
        return self.language in RUN and self.not_run is None

    @property
    def place(self) -> str:
        """Where it stands: ``page.md:12``."""
        return f"{self.page.name}:{self.line}"

    def steps(self) -> list[Step]:
        """What is run, in order: the whole block or, of a console, each command behind a ``$``."""
        return [*_console_steps(self)] if self.language == "console" else [Step(self.text)]


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page of Markdown, in order.

    A comment ``<!-- not run: reason -->`` right before a block says why it is not run.
    """
    found, mark = [], None
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "fence":
            assert token.map is not None  # fences have lines
            found.append(Block(page, token.info.strip(), token.content, token.map[0] + 1, mark))
        said = _NOT_RUN.fullmatch(token.content.strip()) if token.type == "html_block" else None
        mark = said and said[1].strip()
    return found


def _console_steps(block: Block) -> Iterator[Step]:
    command: list[str] = []
    quoted: list[str] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            if command:
                yield Step("\n".join(command), "\n".join(quoted))
            command, quoted = [line[2:]], []
        elif not command:
            raise ValueError(f"{block.place}: a console block begins with a command behind `$ `")
        elif command[-1].endswith("\\") and not quoted:
            command.append(line)
        else:
            quoted.append(line)
    yield Step("\n".join(command), "\n".join(quoted))
