"""Regressors: seconds of a segment from its layers, as a sum of linear terms (paper, IV-B).

Predicting needs nothing but arithmetic; fitting is in :mod:`edgent.latency.fitting`.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  pydantic reads the fields' types
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.errors import PlanError
from edgent.latency.features import FEATURE_SETS, INPUT_KIND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.latency.features import LayerFeatures


@dataclass(frozen=True)
class Regressors:
    """The regressors of one node, one per layer type.

    Attributes:
        features: ``paper`` or ``work``, a name of FEATURE_SETS.
        call_us: microseconds that every segment takes, whatever it holds.
        layers_ns: by layer type and variable, nanoseconds per unit; the variable ``constant`` is 1.
        codecs_ns: by codec, nanoseconds for a frame (``constant``) and for each element of it (``elements``);
            input codecs under ``input:NAME``, activation codecs under ``activation:NAME``.
        load_us: microseconds to load a segment, and ...
        load_ns_per_byte: ... nanoseconds for each byte of its file (Table I: model loading).
    """

    features: str
    call_us: float
    layers_ns: Mapping[str, Mapping[str, float]]
    codecs_ns: Mapping[str, Mapping[str, float]]
    load_us: float = 0.0
    load_ns_per_byte: float = 0.0

    def predict_s(self, segment: Sequence[LayerFeatures]) -> float:
        """Seconds of a segment; a least squares fit can fall below zero for small layers, this does not.

        Raises:
            PlanError: a layer of a type that was never measured.
        """
        chosen = FEATURE_SETS[self.features]
        time_ns = 0.0
        for layer in segment:
            variables = chosen.variables(layer)
            coefficients = self.layers_ns.get(chosen.type_of(layer), self.layers_ns.get(layer.kind))
            if coefficients is None and variables and layer.kind != INPUT_KIND:
                known = ", ".join(sorted(self.layers_ns))
                raise PlanError(
                    f"no regressor {self.features!r} for layers of type {chosen.type_of(layer)}, only for "
                    f"{known}: run `edgent profile` on a network that has such layers, or use measured times"
                )
            time_ns += sum(value * (coefficients or {}).get(name, 0.0) for name, value in variables.items())
        return max(0.0, self.call_us / 1e6 + time_ns / 1e9)

    def codec_s(self, codec: str, elements: int, *, input_codec: bool) -> float:
        """Seconds for one frame of a tensor.

        Raises:
            PlanError: the codec was never measured in this place.
        """
        terms = self.codecs_ns.get(f"input:{codec}" if input_codec else f"activation:{codec}")
        if terms is None:
            raise PlanError(
                f"codec {codec} was not measured on this node: offer it in the spec that is profiled"
            )
        return (terms["constant"] + terms["elements"] * elements) / 1e9

    def load_s(self, size_bytes: int) -> float:
        """Seconds to load a segment whose file has this many bytes."""
        return max(0.0, self.load_us / 1e6 + self.load_ns_per_byte * size_bytes / 1e9)
