"""A safe YAML loader that tells text from numbers and booleans as YAML 1.2 does (its core schema).

PyYAML follows YAML 1.1, in which ``yes``, ``no``, ``on`` and ``off`` are booleans, ``010`` is eight, ``1:30``
is ninety, and ``1e3`` is text. Here only ``true`` and ``false`` are booleans, ``010`` is ten, ``1:30`` is
text, and ``1e3`` is a thousand. ruamel.yaml, which edits specs, follows YAML 1.2 as well.
"""

import re

import yaml
from yaml.constructor import ConstructorError

_STANDARD = "tag:yaml.org,2002:"
_LONGEST_NUMBER = 300
"""Characters of a whole number: Python does not write one of thousands of digits."""
_PLAIN = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", [*"-+0123456789"]),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        [*"-+.0123456789"],
    ),
    "merge": (r"<<", ["<"]),
}
"""By kind of plain scalar: its pattern, and the characters that it can begin with."""


class CoreLoader(yaml.SafeLoader):
    """PyYAML's safe loader with the plain scalars of YAML 1.2."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  PyYAML's own table for add_implicit_resolver

    def construct_int(self, node: yaml.ScalarNode) -> int:
        """A whole number in decimal, 0o octal or 0x hexadecimal digits.

        Raises:
            ConstructorError: it has very many digits.
        """
        digits = self.construct_scalar(node)
        if len(digits) > _LONGEST_NUMBER:
            problem = f"a whole number of {len(digits):,} characters, where {_LONGEST_NUMBER} are the most"
            raise ConstructorError(None, None, problem, node.start_mark)
        return int(digits, {"0o": 8, "0x": 16}.get(digits[:2], 10))


for _kind, (_pattern, _first) in _PLAIN.items():
    CoreLoader.add_implicit_resolver(_STANDARD + _kind, re.compile(f"(?:{_pattern})$"), _first)
CoreLoader.add_constructor(f"{_STANDARD}int", CoreLoader.construct_int)
