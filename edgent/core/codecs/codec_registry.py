"""The codecs by name and by number: edgent's own, those of other packages, and those of a program."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from edgent.core.codecs.codec import ACTIVATION, CODE, INPUT, Codec
from edgent.core.codecs.ladder import LADDER_NAMES, READERS, rung_of
from edgent.core.codecs.quantised import QUANTISED_NAMES
from edgent.core.codecs.rung import parsed_name
from edgent.core.registry import Registry
from edgent.errors import PluginError, UnknownNameError

_AS_IT_IS = "float32"
_PLAIN = "raw"
FIRST_FOREIGN_NUMBER, LAST_NUMBER = 128, 255
"""Numbers below are edgent's own; other packages choose theirs from these."""


class CodecRegistry(Registry[Codec]):
    """A registry whose items have a number on the wire, too, which no two of them share.

    Attributes:
        by_number: the codecs by the byte that names them on the wire: edgent's own, and those that were asked
            for by name before. So a frame from a stranger imports no package.
    """

    def __init__(self, own: Sequence[Codec]) -> None:
        """Hold edgent's own codecs; every rung of the ladder of picture codecs is there, too."""
        super().__init__("codec", "edgent.codecs", {codec.name: codec for codec in own})
        self.by_number: Mapping[int, Codec] = {codec.number: codec for codec in (*own, *READERS)}

    def __getitem__(self, name: str) -> Codec:
        return rung_of(name) or super().__getitem__(name)

    def is_own(self, name: str) -> bool:
        """As of every registry; the rungs of the ladder are edgent's own, too."""
        return super().is_own(name) or parsed_name(name) is not None

    def unknown(self, name: str) -> UnknownNameError:
        """As of every registry; what looks like a family of codecs is told how their names are written."""
        for looks_like_one, spelling in (LADDER_NAMES, QUANTISED_NAMES):
            if looks_like_one.fullmatch(name):
                return UnknownNameError(f"no codec {name!r}; {spelling}")
        return super().unknown(name)

    def offered(self) -> Iterable[str]:
        """All but what carries the codes of feature codecs."""
        inner = {name for name, codec in self._items.items() if tuple(codec.carries) == (CODE,)}
        return (name for name in self if name not in inner)

    def carrying(self, what: str) -> tuple[str, ...]:
        """Names of the codecs that carry ``INPUT`` or ``ACTIVATION``, those of installed packages included.

        Raises:
            PluginError: a package's codec cannot be loaded.
        """
        return tuple(name for name in self if what in self[name].carries)

    def answering(self, asked: str, dtype: np.dtype) -> str:
        """The codec in which an activation of this element type crosses that is asked for in some codec.

        ``float32`` asks for the tensor as it is. Only 32-bit floats travel in that codec; all others travel
        by their own bytes, in ``raw``: float16 takes two bytes an element, uint8 takes one.
        """
        return _PLAIN if asked == _AS_IT_IS and dtype != np.float32 else asked

    def accept(self, name: str, item: Codec) -> None:
        """Check what another package or a program calls a codec, and learn its number."""
        if isinstance(item, type) or not isinstance(item, Codec):
            raise PluginError(
                f"codec {name!r} is {item!r}; "
                "it must be an object with every attribute of edgent.core.codecs.codec.Codec"
            )
        if item.name != name:
            raise PluginError(f"codec {name!r} calls itself {item.name!r}; its names must agree")
        carries = item.carries
        if not isinstance(carries, tuple) or not carries or not set(carries) <= {INPUT, ACTIVATION}:
            raise PluginError(
                f"codec {name!r} carries {carries!r}; it must be a tuple of {INPUT!r}, {ACTIVATION!r} or both"
            )
        if not isinstance(item.lossless, bool) or not isinstance(item.number, int):
            raise PluginError(
                f"codec {name!r} has lossless {item.lossless!r} and number {item.number!r}; "
                "these must be True or False, and an integer"
            )
        if not FIRST_FOREIGN_NUMBER <= item.number <= LAST_NUMBER:
            raise PluginError(
                f"codec {name!r} has number {item.number}; numbers of other packages are "
                f"{FIRST_FOREIGN_NUMBER} to {LAST_NUMBER}"
            )
        others = {number: codec for number, codec in self.by_number.items() if codec.name != name}
        other = others.get(item.number)
        if other is not None:
            raise PluginError(
                f"codecs {name!r} and {other.name!r} both have number {item.number} on the wire; change one"
            )
        self.by_number = others | {item.number: item}
