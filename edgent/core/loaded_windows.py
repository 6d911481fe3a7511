"""Windows that are loaded: made ready in the background when first asked for, within a bound of memory."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from edgent.core.free_memory import return_free_memory
from edgent.core.window import LoadedWindow, Window
from edgent.errors import ModelError, NotReadyError

_LOG = logging.getLogger(__name__)


class _Held(NamedTuple):
    window: LoadedWindow
    size_bytes: int


class LoadedWindows:
    """Remembers loaded windows, the least recently used first, and lets go of those where others need room.

    Requests come from one thread; windows are loaded in another, one after the other.
    """

    def __init__(
        self,
        memory_bytes: int,
        size_bytes: Callable[[Window], int],
        load: Callable[[Window], LoadedWindow],
    ) -> None:
        """Nothing is loaded yet.

        Args:
            memory_bytes: what loaded windows may take in all. The last one that was asked for is loaded,
                whatever it takes.
            size_bytes: what a window takes.
            load: loads it.
        """
        self._memory_bytes, self._size_bytes, self._load_one = memory_bytes, size_bytes, load
        self._lock = threading.Lock()
        self._held: OrderedDict[bytes, _Held] = OrderedDict()
        self._loading: set[bytes] = set()
        self._failures: dict[bytes, ModelError] = {}
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="loads windows")

    def get(self, window: Window) -> LoadedWindow:
        """A window that can run.

        Raises:
            NotReadyError: it is being loaded.
            ModelError: it could not be loaded; the next request has it tried again.
        """
        with self._lock:
            held = self._held.get(window.identity)
            if held is not None:
                self._held.move_to_end(window.identity)
                return held.window
            failure = self._failures.pop(window.identity, None)
            if failure is not None:
                raise failure
            if window.identity not in self._loading:
                self._loading.add(window.identity)
                self._loader.submit(self._load_or_note, window)
        raise NotReadyError(f"{window.name} is being loaded: ask again in a moment")

    def load_beside(self, window: Window) -> bool:
        """Load a window now if there is room for it; those that are loaded stay longer than it.

        Raises:
            ModelError: it cannot be loaded.
            ProviderError: a provider is not there, or does not start.
        """
        if not self._fits(window):
            return False
        self._load(window)
        with self._lock:
            self._held.move_to_end(window.identity, last=False)
        return True

    def _load(self, window: Window) -> None:
        """Load a window now.

        Raises:
            ModelError: it cannot be loaded.
            ProviderError: a provider is not there, or does not start.
        """
        self._make_room(window)
        held = _Held(self._load_one(window), self._size_bytes(window))
        with self._lock:
            self._held[window.identity] = held

    def _fits(self, window: Window) -> bool:
        """Whether a window can be loaded beside those that are."""
        held_bytes = sum(held.size_bytes for held in self._held.values())
        return held_bytes + self._size_bytes(window) <= self._memory_bytes

    def _load_or_note(self, window: Window) -> None:
        try:
            self._load(window)
        except Exception as error:  # noqa: BLE001  onnxruntime's, memory's or the disk's
            _LOG.warning("%s cannot be loaded: %s", window.name, error)
            with self._lock:
                self._failures[window.identity] = ModelError(f"{window.name} cannot be loaded: {error}")
        finally:
            with self._lock:
                self._loading.discard(window.identity)

    def _make_room(self, window: Window) -> None:
        gone = []
        with self._lock:
            while self._held and not self._fits(window):
                gone.append(self._held.popitem(last=False))
        if gone:
            gone.clear()  # outside the lock, as it takes its time; one that runs now ends with its run
            return_free_memory()
