"""The name of a codec in a spec: any that edgent, an installed package or the program declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

from edgent.core.codecs import CODECS
from edgent.errors import EdgentError

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


@dataclass(frozen=True)
class CodecThatCarries:
    """Annotates a text as the name of a codec.

    Attributes:
        what: what the codec carries there, ``edgent.core.codecs.codec.INPUT`` or ``ACTIVATION``.
    """

    what: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """A text that is checked afterwards."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A text out of those that are known when the schema is asked for."""
        return handler(schema) | {"enum": list(CODECS.carrying(self.what))}

    def _check(self, name: str) -> str:
        try:
            if self.what not in CODECS[name].carries:
                known = ", ".join(CODECS.carrying(self.what))
                raise ValueError(f"codec {name!r} carries no {self.what}; those that do are {known}")
        except EdgentError as error:
            raise ValueError(str(error)) from None  # what pydantic takes
        return name
