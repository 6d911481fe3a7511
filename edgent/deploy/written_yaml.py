"""Manifests and compose.yaml as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Write what stands in several places in each of them."""
        return True


def written_yaml(content: Mapping[str, Any]) -> str:
    """A file in YAML, whose library quotes what has to be quoted."""
    text = yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)
    return f"# Written by `edgent deploy`; README.md says what to do with it.\n{text}"
