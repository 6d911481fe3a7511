"""Who looks on while a device answers: what writes, counts or draws answers as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from types import TracebackType

    from device_runtime.answer import Answer
    from edgent.inputs import GivenInput


class Watcher(Protocol):
    """Is told of every input, in order, by the thread that has its answer: it takes little of its time."""

    def answered(self, index: int, item: GivenInput, answer: Answer) -> None:
        """An input was answered.

        Args:
            index: the input's number, from 0.
            item: its name, content, and expected label where that is known.
            answer: by one plan; an input that is run by several comes once for each.
        """

    def broken(self, index: int, item: GivenInput) -> None:
        """An input could not be read, or not be answered as asked; ``item.error`` says why."""

    def close(self) -> None:
        """Nothing more comes; again does nothing."""


class Watchers:
    """Several watchers, each told the same, in their order."""

    def __init__(self, *watchers: Watcher) -> None:
        """Take the watchers; they are closed together."""
        self._all = list(watchers)

    def add(self, watcher: Watcher) -> None:
        """Take one more, to be told from now on, and closed with the others."""
        self._all.append(watcher)

    def answered(self, index: int, item: GivenInput, answer: Answer) -> None:
        """Tell each of an answer."""
        for watcher in self._all:
            watcher.answered(index, item, answer)

    def broken(self, index: int, item: GivenInput) -> None:
        """Tell each of an input that was not answered."""
        for watcher in self._all:
            watcher.broken(index, item)

    def __enter__(self) -> Watchers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for watcher in self._all:
            watcher.close()
