"""Answers as lines of JSON and as files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import typer

from edgent.errors import InputError, OutputError
from edgent.finite_json import finite_json
from edgent.whole_file import whole_file

if TYPE_CHECKING:
    from pathlib import Path

    from device_runtime.answer import Answer
    from edgent.inputs import GivenInput


class WrittenAnswers:
    """A watcher that writes each answer as it comes: a line of JSON, and a file, where these are wanted."""

    def __init__(self, folder: Path | None, as_json: bool, *, several_plans: bool = False) -> None:
        """Make the folder.

        Args:
            folder: takes what the exit gave for each input, as .npy files; None: no files.
            as_json: whether lines are printed.
            several_plans: whether each input is answered by several plans, which the files' names tell apart.

        Raises:
            InputError: the folder cannot be made.
        """
        self._as_json, self._several_plans = as_json, several_plans
        self._folder = folder
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError(f"--out {folder}: {error.strerror}; name a folder to write into") from None

    def answered(self, index: int, item: GivenInput, answer: Answer) -> None:
        """Write what is wanted of an answer.

        Raises:
            OutputError: the folder does not take its file.
        """
        outcome = answer.to_json()
        if self._folder is not None:
            file = self._folder / f"{index:05d}-{self._told(answer)}.npy"
            _write_array(file, answer.logits)
            outcome["file"] = str(file)
        self._print(index, item, outcome)

    def broken(self, index: int, item: GivenInput) -> None:
        """Write why an input was not run."""
        self._print(index, item, {"error": item.error})

    def close(self) -> None:
        """Nothing is kept open."""

    def _told(self, answer: Answer) -> str:
        """The exit that answered; where several plans are run, also which of them it answered for."""
        wanted = str(answer.wanted).replace(":", "-")  # some file systems take no colon
        return f"{answer.plan.exit}-{wanted}" if self._several_plans else answer.plan.exit

    def _print(self, index: int, item: GivenInput, outcome: dict[str, Any]) -> None:
        if self._as_json:
            said = {"index": index, "input": item.name, "expected": item.expected}
            typer.echo(finite_json(said | outcome))


def _write_array(file: Path, array: np.ndarray) -> None:
    """Write a file, which is there whole or not at all.

    Raises:
        OutputError: there is no room, or no file can be made there.
    """
    content = io.BytesIO()  # into a file, numpy would write past Python, and not tell of each failure
    np.lib.format.write_array(content, array, allow_pickle=False)
    try:
        with whole_file(file) as unfinished:
            unfinished.write_bytes(content.getbuffer())
    except OSError as error:
        raise OutputError(
            f"--out: {file} cannot be written: {error.strerror}; make room there, or name another folder"
        ) from None
