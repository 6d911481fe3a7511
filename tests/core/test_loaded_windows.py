"""Windows that are loaded when asked for: in the background, once, within the memory, the latest kept."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.core.loaded_windows import LoadedWindows
from edgent.core.window import LoadedWindow, Window
from edgent.errors import ModelError, NotReadyError

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL, SECOND, THIRD, LARGE = (
    Window(name, name.encode(), (3,), np.dtype(np.uint8), 4) for name in ("small", "second", "third", "large")
)
MEMORY_BYTES = 20
SIZE_BYTES = {"small": 10, "second": 10, "third": 10, "large": 100}


class Loads:
    """Loads nothing, and notes what it was asked to load."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.error: Exception | None = None
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def __call__(self, window: Window) -> LoadedWindow:
        """As a pipeline loads."""
        self.loaded.append(window.name)
        assert self.may_go_on.wait(60)
        if self.error is not None:
            raise self.error
        return object.__new__(LoadedWindow)


@pytest.fixture
def loads() -> Loads:
    """What was loaded, in its order."""
    return Loads()


@pytest.fixture
def windows(loads: Loads) -> LoadedWindows:
    """Room for two of the small ones."""
    return LoadedWindows(MEMORY_BYTES, lambda window: SIZE_BYTES[window.name], loads)


@pytest.fixture
def settle(windows: LoadedWindows) -> Callable[[], None]:
    """Waits until nothing is being loaded."""
    return lambda: windows._loader.submit(lambda: None).result(60)


def _ask(windows: LoadedWindows, settle: Callable[[], None], *asked: Window) -> None:
    for window in asked:
        with pytest.raises(NotReadyError, match=window.name):
            windows.get(window)
        settle()
        windows.get(window)


def test_a_cold_window_is_loaded_once(
    windows: LoadedWindows, loads: Loads, settle: Callable[[], None]
) -> None:
    """However often it is asked for; whoever asks meanwhile is told at once, and finds others ready."""
    assert windows.load_beside(SECOND)
    loads.may_go_on.clear()
    for _ in range(3):
        with pytest.raises(NotReadyError, match="small is being loaded: ask again in a moment"):
            windows.get(SMALL)
    windows.get(SECOND)
    loads.may_go_on.set()
    settle()
    assert windows.get(SMALL) is windows.get(SMALL)
    assert loads.loaded == ["second", "small"]


def test_the_least_recently_used_makes_room(
    windows: LoadedWindows, loads: Loads, settle: Callable[[], None]
) -> None:
    """Of two, the one that was not asked for since."""
    _ask(windows, settle, SMALL, SECOND)
    windows.get(SMALL)
    _ask(windows, settle, THIRD)
    windows.get(SMALL)
    _ask(windows, settle, SECOND)
    assert loads.loaded == ["small", "second", "third", "second"]


def test_a_window_larger_than_the_memory_is_alone(windows: LoadedWindows, settle: Callable[[], None]) -> None:
    """It runs, and is the first to go."""
    _ask(windows, settle, SMALL, LARGE, SECOND)
    windows.get(SECOND)
    with pytest.raises(NotReadyError):
        windows.get(SMALL)


def test_what_fits(windows: LoadedWindows) -> None:
    """Beside what is loaded, to the byte."""
    assert not windows.load_beside(LARGE)
    assert windows.load_beside(SMALL)
    assert windows.load_beside(SECOND)
    assert not windows.load_beside(THIRD)


def test_what_was_loaded_first_stays_longest(windows: LoadedWindows, settle: Callable[[], None]) -> None:
    """The most wanted of the windows that are loaded from the start."""
    assert windows.load_beside(SMALL)
    assert windows.load_beside(SECOND)
    _ask(windows, settle, THIRD)
    windows.get(SMALL)


def test_a_failure_is_told_and_tried_again(
    windows: LoadedWindows, loads: Loads, settle: Callable[[], None]
) -> None:
    """The next request hears the reason, the one after it has it tried again."""
    loads.error = MemoryError("no room")
    with pytest.raises(NotReadyError):
        windows.get(SMALL)
    settle()
    with pytest.raises(ModelError, match="small cannot be loaded: no room"):
        windows.get(SMALL)
    loads.error = None
    _ask(windows, settle, SMALL)
    assert loads.loaded == ["small", "small"]
