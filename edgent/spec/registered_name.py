"""A name in a spec that stands for something in a registry: edgent's own, a package's, or the program's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

from edgent.errors import EdgentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

    from edgent.core.registry import Registry


@dataclass(frozen=True, eq=False)
class NameIn:
    """Annotates a text as a name in a registry.

    Attributes:
        registry: where it is looked up.
        refuse: why an item may not stand here, given its name and itself; None where it may.
        pattern: what other names look like that the registry knows by their form, for a JSON Schema.
    """

    registry: Registry[Any]
    refuse: Callable[[str, Any], str | None] = lambda _name, _item: None
    pattern: str = ""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """A text that is looked up afterwards."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A text out of those that are known when the schema is asked for."""
        known = [name for name, item in self.registry.items() if self.refuse(name, item) is None]
        if not self.pattern:
            return handler(schema) | {"enum": known}
        return handler(schema) | {"anyOf": [{"enum": known}, {"pattern": self.pattern}]}

    def _check(self, name: str) -> str:
        try:
            refusal = self.refuse(name, self.registry[name])
        except EdgentError as error:
            raise ValueError(str(error)) from None  # what pydantic takes
        if refusal is not None:
            raise ValueError(refusal)
        return name
