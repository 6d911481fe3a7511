"""Labels of inputs that a pipeline does not know: which these are, and what a user is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.inputs.folder import FolderFile
    from edgent.spec import Pipeline

_MOST_LABELS = 3  # are named in a message


def unknown_labels(files: Sequence[FolderFile]) -> list[str]:
    """The labels of files where none of them is the pipeline's; none where one is.

    They are listed, or the names of several subfolders: a single one is a camera's.
    """
    if any(file.label is not None for file in files):
        return []
    is_listed = {file.folder: file.is_listed for file in files if file.folder is not None}
    return [*is_listed] if len(is_listed) > 1 or any(is_listed.values()) else []


def not_known(labels: Sequence[str], spec: Pipeline) -> str:
    """Says that labels of inputs are none of a pipeline's, and where these are named."""
    return (
        f"the inputs' labels ({_first(labels)}) are none of {spec.name}'s classes "
        f"({_first(spec.input.labels)}), which input.labels of the spec names, or --labels of `edgent new`"
    )


def _first(labels: Sequence[str]) -> str:
    return ", ".join((*labels[:_MOST_LABELS], *("…" for _ in labels[_MOST_LABELS:][:1])))
