"""Inputs as people have them: pictures and arrays, in files, in memory, in folders."""

from edgent.inputs.files import GivenInput, NamedInput, given_inputs, read_inputs
from edgent.inputs.tensor import Given, check_input, to_input, to_tensor

__all__ = [
    "Given",
    "GivenInput",
    "NamedInput",
    "check_input",
    "given_inputs",
    "read_inputs",
    "to_input",
    "to_tensor",
]
