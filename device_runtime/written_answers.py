"""Answers as lines of JSON and as files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import typer

from edgent.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from device_runtime.answer import Answer
    from edgent.inputs import GivenInput


class WrittenAnswers:
    """A watcher that writes each answer as it comes: a line of JSON, and a file, where these are wanted."""

    def __init__(self, folder: Path | None, as_json: bool) -> None:
        """Make the folder.

        Args:
            folder: takes what the exit gave for each input, as .npy files; None: no files.
            as_json: whether lines are printed.

        Raises:
            InputError: the folder cannot be made.
        """
        self._as_json = as_json
        self._folder = folder
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError(f"--out {folder}: {error.strerror}; name a folder to write into") from None

    def answered(self, index: int, item: GivenInput, answer: Answer) -> None:
        """Write what is wanted of an answer.

        Raises:
            InputError: its file cannot be written, as on a full disk.
        """
        outcome = answer.to_json()
        if self._folder is not None:
            file = self._folder / f"{index:05d}-{answer.plan.exit}.npy"
            _write_array(file, answer.logits)
            outcome["file"] = str(file)
        self._print(index, item, outcome)

    def broken(self, index: int, item: GivenInput) -> None:
        """Write why an input was not run."""
        self._print(index, item, {"error": item.error})

    def close(self) -> None:
        """Nothing is kept open."""

    def _print(self, index: int, item: GivenInput, outcome: dict[str, Any]) -> None:
        if self._as_json:
            typer.echo(json.dumps({"index": index, "input": item.name, "expected": item.expected} | outcome))


def _write_array(file: Path, array: np.ndarray) -> None:
    try:
        with file.open("wb") as target:
            np.lib.format.write_array(target, array, allow_pickle=False)
    except OSError as error:
        reason = error.strerror or error  # numpy's own errors have no strerror
        raise InputError(f"--out {file}: {reason}; make room there, or name another folder") from None
