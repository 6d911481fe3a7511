"""The feature codecs that a spec names, read and checked when they are first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.core.codecs import CODECS
from edgent.errors import EdgentError, SpecError
from edgent.graph.feature_codec import read_feature_codec
from edgent.spec.yaml_lines import read_yaml

if TYPE_CHECKING:
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.feature_codec import FeatureCodec
    from edgent.spec import Pipeline


def spec_feature_codecs(spec: Pipeline, graph: BranchyGraph) -> dict[str, FeatureCodec]:
    """The feature codecs of a pipeline by name, in the spec's order.

    Where the spec names segments in place of the network's file, it is a device's, which runs one side alone.

    Raises:
        SpecError: one is missing or damaged, of another network or training, at a cut that no path has, or
            named as another codec; the message has a line for each.
    """
    codecs: dict[str, FeatureCodec] = {}
    problems: dict[int, str] = {}
    on_device = spec.model.segments is not None
    for index, listed in enumerate(spec.codecs.features):
        try:
            codec = read_feature_codec(spec.resolve(listed), graph, on_device=on_device)
        except EdgentError as error:
            problems[index] = str(error)
            continue
        if is_codec(codec.name) or codec.name in codecs:
            problems[index] = (
                f"{listed}: there is another codec of the name {codec.name!r}; make it under another one"
            )
        codecs[codec.name] = codec
    if problems:
        lines = read_yaml(spec.file).lines
        at = {index: lines.get(("codecs", "features", index), 1) for index in problems}
        raise SpecError(
            "\n".join(
                f"{spec.file}:{at[index]}: codecs.features.{index}: {problem}"
                for index, problem in problems.items()
            )
        )
    return codecs


def is_codec(name: str) -> bool:
    """Whether a codec of edgent, of another package or of the program has this name."""
    return CODECS.is_own(name) or name in CODECS
