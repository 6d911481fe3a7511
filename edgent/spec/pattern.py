"""A text of a certain form in a spec: a regular expression for programs, and words for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


@dataclass(frozen=True)
class Pattern:
    """Annotates a text.

    Attributes:
        expression: of the whole text.
        words: the same, behind "should be".
    """

    expression: str
    words: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """A text that is looked at afterwards."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """With the expression."""
        return handler(schema) | {"pattern": self.expression}

    def _check(self, text: str) -> str:
        if re.fullmatch(self.expression, text) is None:
            raise ValueError(f"should be {self.words}")
        return text
