"""The text of a new spec, with comments that say what a user will want to change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class SpecContent:
    """What is particular to a spec.

    Attributes:
        name: of the pipeline.
        model_file, model_sha256, input_name: the network.
        shape, dtype, layout: of its input.
        takes_pictures: whether pictures are fitted into it.
        labels_file: names of the classes; None where the exits answer with tensors.
        data: where the photos to train on and the held-out ones are; None where there are none.
        outputs: the exits.
        input_codecs, activation_codecs: how inputs and activations may travel.
        token_file: where TorchServe writes its tokens.
    """

    name: str
    model_file: str
    model_sha256: str
    input_name: str
    shape: Sequence[int]
    dtype: str
    layout: str
    takes_pictures: bool
    labels_file: str | None
    data: tuple[str, str] | None
    outputs: Sequence[str]
    input_codecs: Sequence[str]
    activation_codecs: Sequence[str]
    token_file: str


def spec_text(content: SpecContent) -> str:
    """The spec as YAML."""
    lines = [
        "# Made by `edgent new`. docs/reference/spec.md explains each key; `edgent show` prints the network.",
        "version: 1",
        f"name: {_quoted(content.name)}",
        "model:",
        f"  file: {_quoted(content.model_file)}",
        f"  sha256: {content.model_sha256}",
        f"  input: {_quoted(content.input_name)}",
        "input:",
        f"  shape: {list(content.shape)}",
        f"  dtype: {content.dtype}",
        *([f"  layout: {content.layout}"] if content.layout != "CHW" else []),
    ]
    if content.takes_pictures:
        lines.append(
            "  preprocessing: {resize: cover}   # of pictures of any size; stretch and contain are the others"
        )
    if content.labels_file is not None:
        lines.append(f"  labels_file: {_quoted(content.labels_file)}")
    if content.data is not None:
        train, held_out = map(_quoted, content.data)
        lines += ["data:", f"  train: {train}", f"  held_out: {held_out}   # none of it is trained on"]
    lines.append("exits:   # shallow to deep; `edgent evaluate` writes their accuracy")
    lines += [
        f"  - {{name: exit{number}, output: {_quoted(output)}}}"
        for number, output in enumerate(content.outputs, start=1)
    ]
    if content.labels_file is None:
        lines.append("output: tensor")
    inputs, activations = map(", ".join, (content.input_codecs, content.activation_codecs))
    lines += [
        f"codecs: {{input: [{inputs}], activation: [{activations}]}}",
        "latency_requirement_ms: 100   # of a request that names none",
        "edge:",
        "  inference_url: http://127.0.0.1:8080",
        "  grpc_url: grpc://127.0.0.1:7070   # fewer bytes on the link than HTTP; used where that is quicker",
        f"  token_file: {_quoted(content.token_file)}   # TorchServe writes it where it is started",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Text as YAML reads it back: JSON's strings are YAML's."""
    return json.dumps(text, ensure_ascii=False)
