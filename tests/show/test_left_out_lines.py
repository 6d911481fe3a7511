"""Plans of a spec that maps and replays do not have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edgent.show.left_out_lines import left_out_lines

if TYPE_CHECKING:
    from edgent.network import Network


def test_only_what_the_spec_has_is_named(tiny_network: Network) -> None:
    """Nothing, one kind, or several."""
    spec = tiny_network.spec
    assert left_out_lines(tiny_network) == []
    windowed = spec.model_copy(update={"windows": True})
    (line,) = left_out_lines(replace(tiny_network, spec=windowed))
    assert "without windows that start inside a path, which" in line
    codecs = spec.codecs.model_copy(update={"features": ("code.yaml",)})
    both = windowed.model_copy(update={"codecs": codecs})
    (line,) = left_out_lines(replace(tiny_network, spec=both))
    assert "without windows that start inside a path and feature codecs, which" in line
