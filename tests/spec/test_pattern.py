"""A text of a certain form: words for people, an expression for programs."""

from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from edgent.spec.pattern import Pattern

WORD = TypeAdapter(Annotated[str, Pattern("^[a-z]+$", "small letters")])


def test_what_has_the_form_is_taken() -> None:
    """As it is."""
    assert WORD.validate_python("edge") == "edge"


@pytest.mark.parametrize("text", ["", "Edge", "an edge", "edge\n"])
def test_what_has_not_is_told_in_words(text: str) -> None:
    """Nobody is shown an expression."""
    with pytest.raises(ValidationError) as refused:
        WORD.validate_python(text)
    (error,) = refused.value.errors()
    assert error["msg"] == "Value error, should be small letters"


def test_a_schema_has_the_expression() -> None:
    """For an editor."""
    assert WORD.json_schema() == {"type": "string", "pattern": "^[a-z]+$"}
