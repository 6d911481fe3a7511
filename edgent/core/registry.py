"""Named things that other packages can add to: codecs, policies, forecasts, data sets, trace formats.

A registry holds edgent's own items, those that a program adds, and those that installed packages declare as
entry points of its group. Entry points are looked at only when a name is not known otherwise, or all names
are asked for.
"""

from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any, Generic, TypeVar

from edgent.core.nearest_name import nearest_name
from edgent.errors import PluginError, UnknownNameError

Item = TypeVar("Item")


class Registry(Mapping[str, Item], Generic[Item]):
    """A mapping of names to items, which says what there is when a name is not known.

    >>> shapes = Registry("shape", "example.shapes", {"circle": 0, "square": 4})
    >>> shapes.add("triangle", 3)
    >>> shapes["triangle"]
    3
    >>> shapes["circel"]
    Traceback (most recent call last):
    edgent.errors.UnknownNameError: no shape 'circel'; did you mean 'circle'?
    """

    def __init__(self, kind: str, group: str, own: Mapping[str, Item]) -> None:
        """Begin with edgent's own items.

        Args:
            kind: what an item is, for messages, e.g. ``policy``.
            group: entry points of this group add items, e.g. ``edgent.policies``.
            own: edgent's own items by name.
        """
        self.kind = kind
        self.group = group
        self._items = dict(own)

    def add(self, name: str, item: Item) -> None:
        """Add an item for the rest of the process; the same item may be added again.

        Raises:
            PluginError: another item has the name.
        """
        if name in self and self[name] is not item:
            raise PluginError(f"there is a {self.kind} {name!r} already; choose another name")
        self._items[name] = item

    def __getitem__(self, name: str) -> Item:
        if name not in self._items:
            for entry in self._entry_points():
                if entry.name == name:
                    self._items[name] = self._load(entry)
                    break
            else:
                raise self.unknown(name)
        return self._items[name]

    def __contains__(self, name: object) -> bool:
        return name in self._items or any(entry.name == name for entry in self._entry_points())

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._items, *(entry.name for entry in self._entry_points()))))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _entry_points(self) -> Any:
        return entry_points(group=self.group)

    def _load(self, entry: Any) -> Item:
        try:
            item: Item = entry.load()
        except Exception as error:  # another package's import can fail in any way
            raise PluginError(
                f"{self.kind} {entry.name!r} ({entry.value}) cannot be loaded: {error!r}; "
                "mend or remove the package that declares it"
            ) from error
        return item

    def unknown(self, name: str) -> UnknownNameError:
        """What to raise about a name that nobody declares: it says what there is."""
        return UnknownNameError(f"no {self.kind} {name!r}; {nearest_name(name, sorted(self))}")
