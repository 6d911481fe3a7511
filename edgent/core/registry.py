"""Named things that other packages can add to: codecs, policies, forecasts, measures, data sets, formats.

A registry holds edgent's own items, those that a program adds, and those that installed packages declare as
entry points of its group. Entry points are looked at only when a name is not known otherwise, or all names
are asked for.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar

from edgent.core.nearest_name import nearest_name
from edgent.errors import PluginError, UnknownNameError

_LOG = logging.getLogger(__name__)
Item = TypeVar("Item")
_OWN = frozenset({"edgent", "device_runtime"})
_ADDED: dict[str, dict[str, str]] = {}
"""By top-level module of another package, the items that were loaded from it, and the package's name."""


def added_by(module: str) -> str | None:
    """The package that a module belongs to, with what edgent has loaded of it; None of any other module.

    Packages that share a top-level module cannot be told apart by it: all are named.

    Args:
        module: its name, such as ``flowers.policies``.
    """
    items = _ADDED.get(module.partition(".")[0])
    if items is None:
        return None
    return f"package {' or '.join(dict.fromkeys(items.values()))} ({', '.join(items)})"


def added_items() -> dict[str, dict[str, str]]:
    """What was loaded from other packages so far, for another process to `remember`."""
    return {module: dict(items) for module, items in _ADDED.items()}


def remember(added: Mapping[str, Mapping[str, str]]) -> None:
    """Know the packages of items that the process which began this one has loaded.

    Args:
        added: its `added_items`.
    """
    for module, items in added.items():
        _ADDED.setdefault(module, {}).update(items)


class Registry(Mapping[str, Item], Generic[Item]):
    """A mapping of names to items, which says what there is when a name is not known.

    >>> shapes = Registry("shape", "example.shapes", {"circle": 0, "square": 4})
    >>> shapes.add("triangle", 3)
    >>> shapes["triangle"]
    3
    >>> shapes["circel"]
    Traceback (most recent call last):
    edgent.errors.UnknownNameError: no shape 'circel'; did you mean 'circle'?

    Attributes:
        kind: what an item is.
        group: of the entry points that add items.
        own: names of edgent's own items.
    """

    def __init__(
        self, kind: str, group: str, own: Mapping[str, Item], wanted: type[Any] | None = None
    ) -> None:
        """Hold edgent's own items; those of other packages are found when they are asked for.

        Args:
            kind: what an item is, for messages, e.g. ``policy``.
            group: entry points of this group add items, e.g. ``edgent.policies``.
            own: edgent's own items by name.
            wanted: class or runtime-checkable protocol of an item; None where ``accept`` checks them itself.
        """
        self.kind = kind
        self._wanted = wanted
        self.group = group
        self.own = frozenset(own)
        self._items = dict(own)
        self._added: set[str] = set()
        self._passed_over: set[str] = set()

    def add(self, name: str, item: Item) -> None:
        """Add an item for the rest of the process.

        An item that was added before under the name is replaced: a notebook's cell runs again.

        Raises:
            PluginError: edgent's own item or that of an installed package has the name.
        """
        if name not in self._added and name in self and self[name] is not item:
            raise PluginError(f"there is a {self.kind} {name!r} already; choose another name")
        self.accept(name, item)
        self._items[name] = item
        self._added.add(name)

    def declare(self, name: str, reference: str) -> None:
        """Add the item that a module holds, as an entry point of an installed package does.

        Args:
            name: the item's.
            reference: where it is, e.g. ``package.module:ITEM``.

        Raises:
            PluginError: it cannot be loaded, or another item has the name.
        """
        self.add(name, self._load(EntryPoint(name, reference, self.group)))

    def accept(self, name: str, item: Item) -> None:
        """Called with every item that is not edgent's own before it is kept; a kind with rules overrides it.

        Raises:
            PluginError: the item is not what its kind wants, or breaks a rule of it.
        """
        wanted = self._wanted
        if wanted is not None and (isinstance(item, type) or not isinstance(item, wanted)):
            raise PluginError(
                f"{self.kind} {name!r} is {item!r}; it must be an object of the kind of "
                f"{wanted.__module__}.{wanted.__qualname__}"
            )

    def is_own(self, name: str) -> bool:
        """Whether an item is edgent's own, which is there wherever edgent is."""
        return name in self.own

    def is_loaded(self, name: str) -> bool:
        """Whether an item is there without an import: a name from a stranger is to import no package."""
        return name in self._items

    def __getitem__(self, name: str) -> Item:
        try:
            return self._items[name]
        except KeyError:
            return self._declared(name)

    def __contains__(self, name: object) -> bool:
        return name in self._items or any(entry.name == name for entry in self._entry_points())

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._items, *(entry.name for entry in self._entry_points()))))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _declared(self, name: str) -> Item:
        """The item that an installed package declares, kept from now on."""
        entries = [entry for entry in self._entry_points() if entry.name == name]
        if not entries:
            raise self.unknown(name) from None
        if len({entry.value for entry in entries}) > 1:
            packages = " and ".join(sorted(map(_package, entries)))
            raise PluginError(f"packages {packages} each declare a {self.kind} {name!r}; remove all but one")
        item = self._load(entries[0])
        self.accept(name, item)
        self._items[name] = item
        return item

    def _entry_points(self) -> Iterator[EntryPoint]:
        """What installed packages declare; a name of edgent's own stays edgent's, which is said once."""
        for entry in entry_points(group=self.group):
            if not self.is_own(entry.name):
                yield entry
            elif entry.value not in self._passed_over:
                self._passed_over.add(entry.value)
                _LOG.warning(
                    "package %s declares a %s %r, which is a name of edgent's own: edgent's is used; "
                    "choose another name",
                    *(_package(entry), self.kind, entry.name),
                )

    def _load(self, entry: EntryPoint) -> Item:
        try:
            item: Item = entry.load()
        except Exception as error:  # another package's import can fail in any way
            raise PluginError(
                f"{self.kind} {entry.name!r} ({entry.value}) cannot be loaded: {error!r}; "
                f"mend or remove package {_package(entry)}, which declares it"
            ) from error
        module = entry.module.partition(".")[0]
        if module not in _OWN:
            _ADDED.setdefault(module, {})[f"{self.kind} {entry.name!r}"] = _package(entry)
        return item

    def offered(self) -> Iterable[str]:
        """The names that a user may give."""
        return self

    def unknown(self, name: str) -> UnknownNameError:
        """What to raise about a name that nobody declares: it says what there is."""
        return UnknownNameError(f"no {self.kind} {name!r}; {nearest_name(name, sorted(self.offered()))}")


def _package(entry: EntryPoint) -> str:
    """The name of the package that declares an item; that of its module where no package does."""
    return entry.dist.name if entry.dist else entry.module.partition(".")[0]
