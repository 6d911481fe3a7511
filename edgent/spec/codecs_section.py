"""The section of a pipeline spec that says how tensors may be written on the wire."""

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator

from edgent.core.codecs import CODECS
from edgent.core.codecs.codec import ACTIVATION, INPUT, Codec
from edgent.core.codecs.rung import RUNG_PATTERN
from edgent.spec.registered_name import NameIn
from edgent.spec.section import Section

CHOSEN = "auto"
"""In place of the input codecs' names: `edgent evaluate` chooses them."""


def _carries(what: str) -> Callable[[str, Codec], str | None]:
    """Refuses codecs that do not carry inputs, or activations."""

    def refuse(name: str, codec: Codec) -> str | None:
        if what in codec.carries:
            return None
        return f"codec {name!r} carries no {what}; those that do are {', '.join(CODECS.carrying(what))}"

    return refuse


def _or_chosen(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    """``auto`` is an empty list of codecs, which nobody can write."""
    if value == CHOSEN:
        return ()
    return handler(tuple(value) if isinstance(value, list) else value)


InputCodec = Annotated[str, NameIn(CODECS, _carries(INPUT), RUNG_PATTERN)]
_Written = Annotated[tuple[InputCodec, ...], Field(min_length=1)]
InputCodecs = Annotated[
    _Written, WrapValidator(_or_chosen, json_schema_input_type=_Written | Literal["auto"])
]
ActivationCodec = Annotated[str, NameIn(CODECS, _carries(ACTIVATION))]


class CodecsSection(Section):
    """How tensors may be written on the wire."""

    input: InputCodecs = Field(
        default=("raw", "webp"),
        description="how inputs may travel to the edge; auto: `edgent evaluate` chooses picture codecs",
    )
    activation: tuple[ActivationCodec, ...] = Field(
        default=("float32", "uint8"), min_length=1, description="how activations may travel to the device"
    )
    accuracy: str | None = Field(
        default=None, description="accuracy of every (exit, codec); `edgent evaluate` writes it"
    )
